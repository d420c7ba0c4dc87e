import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { aRequest, aSettlement, ledgerOfFile } from "#lib/credit/testing/ledger";
import { readPayer } from "#lib/credit/testing/read-payer";
import type { Period } from "#lib/db/schema/columns";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { DatabaseUnavailable } from "#lib/db/unavailable";
import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { createApp } from "#lib/services/apps/create-app";
import { updateApp } from "#lib/services/apps/update-app";
import { updateKey } from "#lib/services/keys/update-key";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { reconcile } from "#lib/services/reconcile/reconcile";
import { testContext } from "#lib/services/testing/context";
import { updateUser } from "#lib/services/users/update-user";

const PERIODS: readonly Period[] = ["day", "week", "month", "total"];

const ledger = await ledgerOfFile();
const ctx = testContext(ledger.control(6));
afterAll(async () => {
  expect(await reconcile(ctx)).toMatchObject({ differences: 0 });
});

const asRead = (payer: TestPayer) => readPayer(ledger.sql, payer);

async function spend(payer: TestPayer, costUsd: string): Promise<void> {
  await ledger.settlements.settle(await ledger.heldAnd(aRequest(await asRead(payer), costUsd), costUsd));
}

/** Spends in a bucket of an earlier month. */
async function spendBefore(payer: TestPayer, costUsd: string, daysAgo: number): Promise<void> {
  await ledger.sql`
    WITH at AS (SELECT now() - make_interval(days => ${daysAgo}) AS at), bucket AS (
      INSERT INTO counters (scope_type, scope_id, period, period_start, spent_usd)
      SELECT 'user', ${payer.userId}, 'month', tollgate_period_start('month', at), ${costUsd} FROM at
      ON CONFLICT ON CONSTRAINT counters_bucket DO UPDATE SET spent_usd = counters.spent_usd + excluded.spent_usd
      RETURNING id
    ), request AS (
      INSERT INTO ledger (id, created_at, status, organization_id, user_id, endpoint, model, cost_usd, counter_ids)
      SELECT gen_random_uuid(), at, 'settled', ${payer.organizationId}, ${payer.userId}, 'chat/completions', 'old',
        ${costUsd}, ARRAY[bucket.id] FROM at, bucket
    )
    INSERT INTO usage_pending (at, organization_id, user_id, model, tags, requests, errors, input_tokens, output_tokens,
      cached_tokens, cost_usd)
    SELECT date_bin('15 minutes', at, 'epoch'), ${payer.organizationId}, ${payer.userId}, 'old', '{}', 1, 0, 0, 0, 0,
      ${costUsd} FROM at`;
  await rollUpUsage(ledger.sql);
}

async function bucket(scopeId: string, period: Period) {
  const [row] = await ledger.sql`
    SELECT trim_scale(spent_usd)::text AS spent, trim_scale(held_usd)::text AS held, open_holds AS open FROM counters
    WHERE scope_id = ${scopeId} AND period = ${period} AND period_start = tollgate_period_start(${period}::period, now())`;
  return row === undefined ? null : { ...row };
}

const budgetOf = (period: Period, limit = "100") => ({ limit_usd: limit, period });

describe("a change of a budget's period", () => {
  test("creates a bucket with the spend of that period", async () => {
    const payer = await createTenant(ledger.sql);
    await spendBefore(payer, "7", 400);
    await spend(payer, "0.25");
    for (const [period, spent] of [
      ["day", "0.25"],
      ["total", "7.25"],
      ["week", "0.25"],
    ] as const) {
      await updateUser(ctx, { id: payer.userId, budget: budgetOf(period) });
      expect(await bucket(payer.userId, period)).toEqual({ spent, held: "0", open: 0 });
    }
    await spend(payer, "0.5");
    expect(await bucket(payer.userId, "week")).toEqual({ spent: "0.75", held: "0", open: 0 });
  });

  test("counts spend once when a period returns", async () => {
    const payer = await createTenant(ledger.sql);
    await spend(payer, "1");
    for (const period of ["day", "total", "month", "day", "total"] as const) {
      await updateUser(ctx, { id: payer.userId, budget: budgetOf(period) });
      await spend(payer, "1");
    }
    expect(await bucket(payer.userId, "total")).toMatchObject({ spent: "6" });
  });

  test("returns to the month when the budget is removed", async () => {
    const payer = await createTenant(ledger.sql);
    await spend(payer, "1");
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("day") });
    await spend(payer, "2");
    await updateUser(ctx, { id: payer.userId, budget: null });
    expect(await bucket(payer.userId, "month")).toMatchObject({ spent: "3" });
  });

  test("counts the adjustments of that scope only", async () => {
    const payer = await createTenant(ledger.sql);
    await spend(payer, "5");
    const adjust = (scope: object, amount: string) =>
      createAdjustment(ctx, { scope, amount_usd: amount, reason: "test" });
    await adjust({ user_id: payer.userId }, "-2");
    await adjust({ organization_id: payer.organizationId }, "10");
    await adjust({ api_key_id: payer.apiKeyId }, "100");
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("total") });
    await updateOrganization(ctx, { id: payer.organizationId, budget: budgetOf("day") });
    await updateKey(ctx, { id: payer.apiKeyId, budget: budgetOf("week") });
    expect(await bucket(payer.userId, "total")).toMatchObject({ spent: "3" });
    expect(await bucket(payer.organizationId, "day")).toMatchObject({ spent: "15" });
    expect(await bucket(payer.apiKeyId, "week")).toMatchObject({ spent: "105" });
  });

  test("moves open holds, which then settle in the new bucket", async () => {
    const payer = await createTenant(ledger.sql);
    const settlement = await ledger.heldAnd(aRequest(payer, "0.5"), "0.3");
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("day") });
    expect(await bucket(payer.userId, "day")).toEqual({ spent: "0", held: "0.5", open: 1 });
    expect(await bucket(payer.userId, "month")).toEqual({ spent: "0", held: "0", open: 0 });
    await ledger.settlements.settle(settlement);
    expect(await bucket(payer.userId, "day")).toEqual({ spent: "0.3", held: "0", open: 0 });
    expect(await bucket(payer.userId, "month")).toEqual({ spent: "0", held: "0", open: 0 });
    // The buckets of the other scopes do not change.
    expect(await bucket(payer.organizationId, "month")).toEqual({ spent: "0.3", held: "0", open: 0 });
  });

  test("leaves requests of an ended period in its bucket", async () => {
    const payer = await createTenant(ledger.sql);
    const settlement = await ledger.heldAnd(aRequest(payer, "0.5"), "0.3");
    await ledger.sql`UPDATE ledger SET created_at = created_at - interval '1 day' WHERE id = ${settlement.hold.id}`;
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("day") });
    expect(await bucket(payer.userId, "day")).toEqual({ spent: "0", held: "0", open: 0 });
    await ledger.settlements.settle(settlement);
    expect(await bucket(payer.userId, "day")).toEqual({ spent: "0", held: "0", open: 0 });
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("total") });
    expect(await bucket(payer.userId, "total")).toMatchObject({ spent: "0.3" });
  });

  test("moves swept requests, so that a late settlement finds its bucket", async () => {
    const payer = await createTenant(ledger.sql);
    const frozen = ledger.process();
    const settlement = await ledger.heldAnd(aRequest(payer, "0.5"), "0.4", frozen.placeHold);
    await frozen.expireLease();
    await ledger.sql`SELECT tollgate_sweep_v1(10)`;
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("day") });
    expect(await bucket(payer.userId, "day")).toMatchObject({ spent: "0.1" });
    expect(await bucket(payer.userId, "month")).toMatchObject({ spent: "0" });
    expect(await frozen.settlements.settle(settlement)).toBe("settled");
    expect(await bucket(payer.userId, "day")).toMatchObject({ spent: "0.4" });
  });

  test("works for apps", async () => {
    const payer = await createTenant(ledger.sql);
    const app = await createApp(ctx, { name: "desk", organization_id: payer.organizationId });
    const appPayer = { ...payer, apiKeyId: null, apiKeyVersion: null, appId: app.id, appVersion: 1 };
    const request = { ...aRequest(payer, "0.5"), payer: appPayer };
    const settlement = await ledger.heldAnd(request, "0.2");
    await updateApp(ctx, { id: app.id, budget: budgetOf("week") });
    expect(await bucket(app.id, "week")).toEqual({ spent: "0", held: "0.5", open: 1 });
    await ledger.settlements.settle(settlement);
    await updateApp(ctx, { id: app.id, budget: budgetOf("total") });
    expect(await bucket(app.id, "total")).toEqual({ spent: "0.2", held: "0", open: 0 });
  });

  test("keeps the bucket when only the limit changes", async () => {
    const payer = await createTenant(ledger.sql);
    await spend(payer, "1");
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("month", "5") });
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("month", "6") });
    expect(await bucket(payer.userId, "month")).toMatchObject({ spent: "1" });
    expect(await bucket(payer.userId, "day")).toBeNull();
  });
});

describe("a move to another organization", () => {
  /** A tenant that has spent $1 and may owe $0.30 more, and the organization to move to. */
  async function spentAndInFlight() {
    const payer = await createTenant(ledger.sql);
    const [to] = await ledger.sql`INSERT INTO organizations (name) VALUES ('to') RETURNING id`;
    await spend(payer, "1");
    const inFlight = await ledger.heldAnd(aRequest(payer, "0.5"), "0.3");
    return { payer, to, inFlight };
  }

  test("leaves what was spent and what is in flight there out of the buckets without a budget", async () => {
    const { payer, to, inFlight } = await spentAndInFlight();
    const frozen = ledger.process();
    const swept = await ledger.heldAnd(aRequest(payer, "0.5"), "0.4", frozen.placeHold);
    await frozen.expireLease();
    await ledger.sql`SELECT tollgate_sweep_v1(10)`;
    await updateUser(ctx, { id: payer.userId, organization_id: to?.id });
    const nothing = { spent: "0", held: "0", open: 0 };
    const ofUserAndKey = async () => [
      await bucket(payer.userId, "month"),
      await bucket(payer.apiKeyId, "month"),
    ];
    expect(await ofUserAndKey()).toEqual([nothing, nothing]);
    await ledger.settlements.settle(inFlight);
    expect(await frozen.settlements.settle(swept)).toBe("settled");
    expect(await ofUserAndKey()).toEqual([nothing, nothing]);
    expect(await bucket(payer.organizationId, "month")).toEqual({ ...nothing, spent: "1.7" });
    await spend({ ...payer, organizationId: to?.id }, "0.25");
    expect(await ofUserAndKey()).toEqual([
      { ...nothing, spent: "0.25" },
      { ...nothing, spent: "0.25" },
    ]);
  });

  test("leaves them out of the bucket of a budget that it changes", async () => {
    const { payer, to, inFlight } = await spentAndInFlight();
    await updateUser(ctx, { id: payer.userId, organization_id: to?.id, budget: budgetOf("day") });
    await ledger.settlements.settle(inFlight);
    expect(await bucket(payer.userId, "day")).toEqual({ spent: "0", held: "0", open: 0 });
  });

  test("keeps both in a budget's bucket", async () => {
    const payer = await createTenant(ledger.sql);
    const [to] = await ledger.sql`INSERT INTO organizations (name) VALUES ('to') RETURNING id`;
    await updateUser(ctx, { id: payer.userId, budget: budgetOf("month") });
    await spend(payer, "1");
    const inFlight = await ledger.heldAnd(aRequest(await asRead(payer), "0.5"), "0.3");
    await updateUser(ctx, { id: payer.userId, organization_id: to?.id });
    expect(await bucket(payer.userId, "month")).toEqual({ spent: "1", held: "0.5", open: 1 });
    await ledger.settlements.settle(inFlight);
    expect(await bucket(payer.userId, "month")).toEqual({ spent: "1.3", held: "0", open: 0 });
  });
});

/** Changes of limits may keep a row locked for longer than a hold waits: then nothing was held. */
function lockedRow(error: unknown): null {
  if (error instanceof DatabaseUnavailable && !error.maybeDone) return null;
  throw error;
}

test("counts every concurrent request and never exceeds the limit while periods change", async () => {
  const LIMIT = "0.01";
  const payer = await createTenant(ledger.sql);
  const processes = [ledger.process(), ledger.process(), ledger.process()];
  const setPeriods = (round: number) => {
    const [first = "month", second = "month", third = "month"] = [0, 1, 2].map(
      (n) => PERIODS[(round + n) % 4],
    );
    return Promise.all([
      updateOrganization(ctx, { id: payer.organizationId, budget: budgetOf(first, LIMIT) }),
      updateUser(ctx, { id: payer.userId, budget: budgetOf(second, LIMIT) }),
      updateKey(ctx, { id: payer.apiKeyId, budget: budgetOf(third) }),
    ]);
  };
  await setPeriods(0);
  let [changing, granted, rejected, stale] = [true, 0, 0, 0];
  const work = async ({ placeHold, settlements }: (typeof processes)[number]) => {
    let known = await asRead(payer);
    while (changing) {
      const request = aRequest(known, "0.000500000001");
      const verdict = await placeHold(request).catch(lockedRow);
      if (verdict === null) continue;
      if (!verdict.granted) {
        if (verdict.reason === "stale") {
          known = await asRead(payer);
          stale += 1;
        } else rejected += 1;
        await sleep(1);
        continue;
      }
      granted += 1;
      const { counterIds, createdAt } = verdict;
      await sleep(Math.random() * 3);
      const cost = formatUsd(parseUsd("0.00000001") * BigInt(Math.floor(Math.random() * 100)));
      await settlements.settle({ ...aSettlement(request, cost), counterIds, createdAt });
    }
  };
  const working = processes.flatMap((process) => Array.from({ length: 12 }, () => work(process)));
  const watching = (async () => {
    while (changing) {
      const [over] = await ledger.sql`
        SELECT max(c.spent_usd + c.held_usd)::text AS most
        FROM organizations o JOIN counters c ON c.scope_id = o.id AND c.period = o.budget_period
        WHERE o.id = ${payer.organizationId}`;
      expect(parseUsd(over?.most ?? "0")).toBeLessThanOrEqual(parseUsd(LIMIT));
      await sleep(5);
    }
  })();
  for (let round = 1; round <= 24; round++) {
    await sleep(20);
    await setPeriods(round);
  }
  changing = false;
  await Promise.all([...working, watching]);
  expect(granted).toBeGreaterThan(200);
  expect(rejected).toBeGreaterThan(0);
  expect(stale).toBeGreaterThan(20);
  const [sums] = await ledger.sql`
    SELECT trim_scale(sum(cost_usd))::text AS cost FROM ledger WHERE organization_id = ${payer.organizationId}`;
  const all = { spent: sums?.cost, held: "0", open: 0 };
  for (const period of PERIODS) {
    await updateUser(ctx, { id: payer.userId, budget: budgetOf(period) });
    expect(await bucket(payer.userId, period)).toEqual(all);
  }
  // The periods of the last round: 24, 25, 26.
  expect(await bucket(payer.organizationId, "day")).toEqual(all);
  expect(await bucket(payer.apiKeyId, "month")).toEqual(all);
}, 60_000);
