import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deleteOldRequests } from "#lib/credit/ledger/delete-requests";
import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { aRequest, createLedger, type TestLedger } from "#lib/credit/testing/ledger";
import type { Db } from "#lib/db/client";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { getKey } from "#lib/services/keys/get-key";
import { organizationUsage } from "#lib/services/organizations/organization-usage";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { reconcile } from "#lib/services/reconcile/reconcile";
import { testContext } from "#lib/services/testing/context";
import { usageReport } from "#lib/services/usage/usage-report";
import { dailyRetention, purgeOldRequests } from "./retention";

const DAYS = 90;

let ledger: TestLedger;
let db: Db;
let payer: TestPayer;
const ctx = () => testContext(db);
beforeEach(async () => {
  ledger = await createLedger();
  db = ledger.control(4);
  payer = await createTenant(ledger.sql);
});
afterEach(() => ledger.drop());

const settle = async (costUsd: string) => {
  const settlement = await ledger.heldAnd(aRequest(payer, "1"), costUsd);
  await ledger.settlements.settle(settlement);
  return settlement.hold.id;
};
const ids = async () => (await ledger.sql`SELECT id FROM ledger ORDER BY id`).map((row) => String(row.id));

/** Moves everything so far back by 100 days. Returns the new ids by the old ones. */
async function ageEverything(): Promise<Map<string, string>> {
  const { sql } = ledger;
  const earlier = sql`interval '100 days'`;
  const before = await ids();
  await sql`
    UPDATE ledger SET created_at = created_at - ${earlier}, settled_at = settled_at - ${earlier},
      id = (left(tollgate_id_floor(tollgate_id_time(id) - ${earlier})::text, 13) || substr(id::text, 14))::uuid`;
  await sql`UPDATE usage_pending SET at = at - ${earlier}`;
  await sql`UPDATE counters SET period_start = tollgate_period_start(period, period_start - ${earlier})`;
  await rollUpUsage(sql);
  const after = await ids();
  return new Map(before.map((id, index) => [id, after[index] ?? ""]));
}

describe("retention", () => {
  test("deletes only old requests that have ended, in every status", async () => {
    await settle("0.3");
    const released = await ledger.heldAnd(aRequest(payer, "1"), "0");
    await ledger.settlements.settle({ ...released, status: "released", httpStatus: 400 });
    const dying = ledger.process();
    await dying.placeHold(aRequest(payer, "1"));
    await dying.expireLease();
    expect(await sweepExpiredHolds(ledger.sql)).toBe(1);
    const held = aRequest(payer, "1");
    await ledger.placeHold(held);
    const adjustment = await createAdjustment(ctx(), {
      scope: { user_id: payer.userId },
      amount_usd: "-0.1",
      reason: "a test",
    });
    const aged = await ageEverything();
    const recent = await settle("0.2");
    expect(await purgeOldRequests(db, DAYS)).toEqual({ requests: 3, complete: true });
    expect(await ids()).toEqual([aged.get(held.id), aged.get(adjustment.id), recent]);
    expect(await purgeOldRequests(db, DAYS)).toEqual({ requests: 0, complete: true });
  });

  test("keeps requests that are a day younger than the retention", async () => {
    await settle("0.3");
    await ageEverything();
    expect(await purgeOldRequests(db, 101)).toEqual({ requests: 0, complete: true });
    expect(await purgeOldRequests(db, 99)).toEqual({ requests: 1, complete: true });
  });

  test("changes no budget, no report and no reconciliation", async () => {
    const { organizationId: id } = payer;
    await updateOrganization(ctx(), { id, budget: { limit_usd: "10", period: "total" } });
    payer = { ...payer, organizationPeriod: "total", organizationVersion: 2 };
    for (const costUsd of ["0.3", "0.000000000001", "0.2"]) await settle(costUsd);
    await createAdjustment(ctx(), { scope: { organization_id: id }, amount_usd: "-0.1", reason: "a test" });
    await ageEverything();
    await settle("0.4");
    const counters = () => ledger.sql`SELECT id, spent_usd, held_usd, open_holds FROM counters ORDER BY id`;
    const shown = async () => [
      [...(await counters())],
      await organizationUsage(ctx(), { id }),
      await usageReport(ctx(), { from: "2000-01-01", group_by: "day" }),
      await usageReport(ctx(), { from: "2000-01-01", group_by: "api_key" }),
    ];
    const before = await shown();
    expect(before[1]).toMatchObject({ budget: { spent_usd: "0.800000000001" }, cost_usd: "0.900000000001" });
    expect((await reconcile(ctx())).differences).toBe(0);
    expect(await purgeOldRequests(db, DAYS)).toMatchObject({ requests: 3 });
    expect(await shown()).toEqual(before);
    expect(await reconcile(ctx())).toMatchObject({ differences: 0, usage: { checked: 1 } });
  });

  test("keeps enough for a budget with a new period to start with what was spent", async () => {
    const { organizationId: id } = payer;
    await settle("0.3");
    await ageEverything();
    await settle("0.4");
    await purgeOldRequests(db, DAYS);
    await updateOrganization(ctx(), { id, budget: { limit_usd: "10", period: "total" } });
    expect((await organizationUsage(ctx(), { id })).budget).toMatchObject({ spent_usd: "0.7" });
    expect((await reconcile(ctx())).differences).toBe(0);
  });

  test("does not hide a wrong counter from reconciliation", async () => {
    await settle("0.3");
    await ageEverything();
    await ledger.sql`UPDATE counters SET spent_usd = spent_usd - 0.1 WHERE scope_id = ${payer.userId}`;
    await purgeOldRequests(db, DAYS);
    expect((await reconcile(ctx())).counters).toMatchObject({
      different: 1,
      data: [{ counter: { spent_usd: "0.2" }, ledger: { spent_usd: "0.3" } }],
    });
  });

  test("keeps the quarter hour in which a key was last used", async () => {
    const lastUsed = async () => (await getKey(ctx(), { id: payer.apiKeyId })).last_used_at;
    expect(await lastUsed()).toBeNull();
    await settle("0.3");
    await ageEverything();
    const before = await lastUsed();
    await purgeOldRequests(db, DAYS);
    const quarterMs = 900_000;
    const at = Math.floor(Date.parse(before ?? "") / quarterMs) * quarterMs;
    expect(await lastUsed()).toBe(new Date(at).toISOString());
  });

  /** Inserts so many requests that are 100 days old. */
  const insertOld = (rows: number) => ledger.sql`
    INSERT INTO ledger (id, created_at, status, organization_id, endpoint, model, cost_usd, counter_ids)
    SELECT (left(tollgate_id_floor(now() - interval '100 days')::text, 24) || lpad(n::text, 12, '0'))::uuid,
      now() - interval '100 days', 'settled', ${payer.organizationId}, 'test', 'test', 0, '{}'
    FROM generate_series(1, ${rows}) AS n`;

  test("pauses between batches while others use the database, and not otherwise", async () => {
    const pauses: number[] = [];
    const pause = async (ms: number) => pauses.push(ms);
    const yesterday = new Date(Date.now() - 86_400_000);
    await insertOld(2500);
    expect(await deleteOldRequests(db, yesterday, 60_000, pause)).toEqual({ removed: 2500, complete: true });
    expect(pauses).toEqual([]);
    await insertOld(2500);
    const other = ledger.sql`SELECT pg_sleep(600)`.execute();
    await expect
      .poll(
        async () =>
          (await ledger.sql`SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`).length,
      )
      .toBe(1);
    await deleteOldRequests(db, yesterday, 60_000, pause);
    other.cancel();
    await expect(other).rejects.toThrow("canceling");
    expect(pauses).toHaveLength(2);
    expect(Math.min(...pauses)).toBeGreaterThan(0);
  });

  test("shares thousands of rows among replicas and deletes each once", async () => {
    await insertOld(3500);
    const interrupted = await deleteOldRequests(db, new Date(Date.now() - 3_600_000), 0);
    expect(interrupted).toEqual({ removed: 1000, complete: false });
    const together = await Promise.all([1, 2, 3].map(() => purgeOldRequests(db, DAYS)));
    expect(together.reduce((sum, each) => sum + each.requests, 0)).toBe(2500);
    expect(await ids()).toEqual([]);
  });

  test("runs once per UTC day on the first replica, and again the next day", async () => {
    await settle("0.3");
    await ageEverything();
    expect(await dailyRetention(db, DAYS)).toEqual({ requests: 1, complete: true });
    expect(await dailyRetention(db, DAYS)).toBeNull();
    await ledger.sql`UPDATE job_runs SET ended_at = date_trunc('day', now(), 'UTC') - interval '1 microsecond'`;
    expect(await dailyRetention(db, DAYS)).toEqual({ requests: 0, complete: true });
  });
});
