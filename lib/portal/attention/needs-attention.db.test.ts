import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { apiKeys } from "#lib/db/schema/identity";
import { providers, targetStates } from "#lib/db/schema/routing";
import { day } from "#lib/services/testing/day";
import { worldOfFile } from "#lib/services/testing/world";
import { newUser } from "#lib/services/users/testing/users";
import { needsAttention } from "./needs-attention";

const HOUR_MS = 3_600_000;

const world = await worldOfFile();
const read = (actor: Actor) => needsAttention(world.as(actor));
const after = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const NOTHING = {
  downTargets: { shown: [], total: 0 },
  expiringKeys: { shown: [], total: 0 },
  paymentsEnding: 0,
  requests: { swept: 0, overruns: { requests: 0, usd: "0" }, drift: { requests: 0, usd: "0" } },
};
const expire = (key: string, expiresAt: Date, revokedAt: Date | null = null) =>
  world.db.update(apiKeys).set({ expiresAt, revokedAt }).where(eq(apiKeys.id, key));

let providerId = "";
const down = (upstreamModel: string, openedAt: Date, closedAt: Date | null = null, credentialId = "") =>
  world.db.insert(targetStates).values({
    providerId,
    credentialId,
    upstreamModel,
    openedAt,
    probeAfter: openedAt,
    trips: 1,
    reason: "500",
    closedAt,
  });

beforeAll(async () => {
  providerId = (await world.addProvider("shaky")).id;
});

test("nothing needs attention at first", async () => {
  expect(await read(world.admin)).toEqual(NOTHING);
});

test("tells administrators alone of targets that are down, each once, the last ones first", async () => {
  await down("up-again", after(-9), after(-8));
  await down("two-credentials", after(-3), null, "first");
  await down("two-credentials", after(-2), null, "second");
  for (const name of ["c", "b", "a"]) await down(name, after(-1));
  const { downTargets } = await read(world.admin);
  expect(downTargets.total).toBe(4);
  expect(downTargets.shown.map(({ upstreamModel }) => upstreamModel)).toEqual(["a", "b", "c"]);
  await world.db
    .update(targetStates)
    .set({ closedAt: new Date() })
    .where(eq(targetStates.upstreamModel, "a"));
  const [, , third] = (await read(world.admin)).downTargets.shown;
  expect(third).toMatchObject({ providerId, provider: "shaky", upstreamModel: "two-credentials" });
  expect(Date.parse(third?.since ?? ""), "since the first").toBeLessThan(Date.now() - 2.9 * HOUR_MS);
  expect((await read(world.orgAdmin)).downTargets.total).toBe(0);
  await world.db.update(providers).set({ enabled: false }).where(eq(providers.id, providerId));
  expect((await read(world.admin)).downTargets.total, "of providers in use").toBe(0);
});

test("tells of keys and payments that end within a week to those who see them", async () => {
  await expire(world.a.orgKey, after(6 * 24));
  await expire(world.a.memberKey, after(2));
  await expire(world.a.otherKey, after(-2));
  await expire(world.b.orgKey, after(8 * 24));
  for (const offset of [-1, 0, 7, 8]) await newUser(world, { payment_valid_until: day(offset) });
  const { expiringKeys, paymentsEnding } = await read(world.orgAdmin);
  expect(expiringKeys.shown.map(({ name }) => name)).toEqual(["a-member", "a-org"]);
  expect(paymentsEnding).toBe(2);
  expect(await read(world.member)).toMatchObject({
    expiringKeys: { shown: [{ name: "a-member" }], total: 1 },
    paymentsEnding: 0,
  });
  expect(await read(world.orgAdminOfB)).toEqual(NOTHING);
  await expire(world.a.memberKey, after(2), after(-1));
  expect((await read(world.orgAdmin)).expiringKeys.total, "without revoked ones").toBe(1);
});

test("sums what was swept, overran and costs more than was charged, of the last 24 hours", async () => {
  const row = { organizationId: world.a.id, apiKeyId: world.a.orgKey };
  await world.addRequest({ ...row, status: "swept", overrunUsd: "0.25" });
  await world.addRequest({ ...row, costUsd: "1", providerCostUsd: "1.5", overrunUsd: "0.125" });
  await world.addRequest({ ...row, costUsd: "2", providerCostUsd: "1" });
  await world.addRequest({ ...row, status: "swept", overrunUsd: "9", createdAt: after(-25) });
  const requests = {
    swept: 1,
    overruns: { requests: 2, usd: "0.375" },
    drift: { requests: 1, usd: "0.5" },
  };
  expect((await read(world.viewer)).requests).toEqual(requests);
  expect((await read(world.member)).requests).toEqual(NOTHING.requests);
});
