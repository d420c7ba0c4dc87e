import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import type { Replacements } from "#lib/testing/bundle-program";
import { seedGateway } from "#lib/testing/seed";
import { startFakeUpstreamProcess } from "#lib/testing/upstream/upstream-process";
import { logChanges } from "../change-log";
import { startFleet } from "../fleet";
import { addSecondTargets, seedModelOf, upstreamRulesOf } from "../models";
import { randomFrom } from "../random";
import { WITHOUT_DEFENCE } from "../undefended/without-defence";
import { ATTACKS, type AttackName } from "./attack";
import { hostileModels } from "./attacks";
import { startHostileClients } from "./clients";
import { seedHostileTenants } from "./tenants";
import { type Attacked, trueSpend } from "./true-spend";

const ATTACK_FOR_MS = 3_500;
/** A busy machine needs longer to overspend. */
const GIVE_UP_AFTER_MS = 15_000;
const TEST_TIMEOUT_MS = 60_000;
const OVERSPENT = /^the (api_key|user|organization) .* spent /;
const CLIENTS_PER_ATTACK = 2;

const folder = mkdtempSync(join(tmpdir(), "tollgate-defences-"));
const upstream = await startFakeUpstreamProcess({
  rules: upstreamRulesOf(hostileModels),
  record: false,
  bill: true,
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Attacks a gateway with these parts replaced, by all attacks at once, and returns what each achieved.
 * @param expected the attack that should overspend a budget; null for none
 */
async function attack(expected: AttackName | null, replacements: Replacements): Promise<Attacked[]> {
  const name = expected ?? "defended";
  const database = await createTestDatabase();
  const encryptionKey = randomBytes(32).toString("base64");
  await seedGateway(database.url, encryptionKey, {
    upstreamUrl: upstream.url,
    models: hostileModels.map(seedModelOf),
  });
  await addSecondTargets(database.sql, hostileModels);
  await logChanges(database.sql);
  const { keys, scopes } = await seedHostileTenants(database.sql, encryptionKey);
  const fleet = await startFleet({
    folder: join(folder, name),
    places: 1,
    env: {
      DATABASE_URL: database.url,
      DATA_DIR: join(folder, name, "data"),
      ENCRYPTION_KEY: encryptionKey,
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      LOG_LEVEL: "error",
    },
    replacements,
  });
  try {
    const clients = startHostileClients(CLIENTS_PER_ATTACK, fleet, keys, randomFrom(12));
    const startedMs = performance.now();
    const achieved = async () => trueSpend(database.sql, scopes, await upstream.bills());
    await sleep(ATTACK_FOR_MS);
    while (expected !== null && performance.now() - startedMs < GIVE_UP_AFTER_MS) {
      if (hasOverspent(await achieved(), expected)) break;
      await sleep(500);
    }
    await clients.stop();
    expect(await fleet.stop(0)).toBe(0);
    return await achieved();
  } finally {
    await fleet.close();
    await database.drop();
  }
}

const hasOverspent = (attacked: readonly Attacked[], name: AttackName) =>
  attacked.some(
    ({ attack, overspending }) => attack === name && overspending.some((what) => OVERSPENT.test(what)),
  );

const overspendingIn = (attacked: readonly Attacked[]) =>
  Object.fromEntries(
    attacked.flatMap(({ attack, overspending }) => (overspending.length > 0 ? [[attack, overspending]] : [])),
  );

test(
  "hostile clients overspend no budget",
  async () => {
    const attacked = await attack(null, {});
    expect(overspendingIn(attacked)).toEqual({});
    for (const { requests } of attacked) expect(requests).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MS,
);

test.each(ATTACKS)(
  "hostile clients overspend without the defence %s, and only with that attack",
  async (name) => {
    const attacked = await attack(name, WITHOUT_DEFENCE[name]);
    // Of budgets: single requests may be billed for as long as a busy machine is late to hang up.
    expect(ATTACKS.filter((each) => hasOverspent(attacked, each))).toEqual([name]);
  },
  TEST_TIMEOUT_MS,
);
