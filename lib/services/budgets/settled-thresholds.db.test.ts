import { asc } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { events } from "#lib/db/schema/events";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { testContext } from "#lib/services/testing/context";
import { raiseBudgetEvents } from "./raise-budget-events";

const ledger = await ledgerOfFile();
const db = ledger.control(4);
const ctx = testContext(db);

let payer: TestPayer;
beforeEach(async () => {
  await ledger.sql`TRUNCATE events, budget_events, counters CASCADE`;
  payer = await createTenant(ledger.sql);
});

type Budget = NonNullable<Parameters<typeof updateOrganization>[1]["budget"]>;

/** Gives the payer's organization a budget; its version is read anew. */
async function limit(limit_usd: string, rest: Partial<Budget> = {}): Promise<void> {
  const budget = { limit_usd, period: "month" as const, ...rest };
  await updateOrganization(ctx, { id: payer.organizationId, budget });
  const [row] = await ledger.sql<{ version: number }[]>`
    SELECT version::int FROM organizations WHERE id = ${payer.organizationId}`;
  payer = { ...payer, organizationVersion: row?.version ?? 0, organizationPeriod: budget.period };
}

async function spend(costUsd: string): Promise<void> {
  await ledger.settlements.settle(await ledger.heldAnd(aRequest(payer, costUsd), costUsd));
}

const outbox = () => db.select().from(events).orderBy(asc(events.type));
const types = async () => (await outbox()).map(({ type }) => type);

describe("a settlement", () => {
  test("writes an event when a budget reaches its soft limit, with the budget as it was then", async () => {
    await limit("10", { soft_limit_percent: 80 });
    await spend("7.999999999999");
    expect(await types()).toEqual([]);
    await spend("0.000000000001");
    expect(await outbox()).toMatchObject([
      {
        type: "budget.threshold",
        organizationId: payer.organizationId,
        userId: null,
        data: {
          scope: { type: "organization", id: payer.organizationId, name: expect.any(String) },
          organization_id: payer.organizationId,
          period: "month",
          period_start: `${new Date().toISOString().slice(0, 7)}-01T00:00:00.000Z`,
          limit_usd: "10",
          percent: 80,
          spent_usd: "8",
        },
      },
    ]);
  });

  test("writes one event for the limit itself, in the period, however much is spent after it", async () => {
    await limit("10", { soft_limit_percent: 80 });
    await spend("8");
    await spend("2");
    expect(await types()).toEqual(["budget.exhausted", "budget.threshold"]);
    await createAdjustment(ctx, {
      scope: { organization_id: payer.organizationId },
      amount_usd: "-9",
      reason: "a test",
    });
    await spend("8.5");
    expect(await types()).toEqual(["budget.exhausted", "budget.threshold"]);
  });

  test("writes one event where several processes cross the threshold at once", async () => {
    await limit("10", { soft_limit_percent: 50 });
    const held = await Promise.all(
      Array.from({ length: 9 }, () => ledger.heldAnd(aRequest(payer, "1"), "1")),
    );
    const processes = [ledger.settlements, ledger.process().settlements, ledger.process().settlements];
    await Promise.all(held.map((each, index) => processes[index % 3]?.settle(each)));
    expect(await types()).toEqual(["budget.threshold"]);
  });

  test("writes events for each scope that it is charged to, and tells of the person", async () => {
    await ledger.sql`
      UPDATE users SET budget_limit_usd = 1, budget_period = 'month' WHERE id = ${payer.userId}`;
    await ledger.sql`
      UPDATE api_keys SET budget_limit_usd = 1, budget_period = 'month' WHERE id = ${payer.apiKeyId}`;
    payer = { ...payer, userVersion: 2, apiKeyVersion: 2 };
    await spend("1");
    expect(await outbox()).toMatchObject([
      { type: "budget.exhausted", userId: payer.userId },
      { type: "budget.exhausted", userId: payer.userId },
    ]);
  });

  test("writes the event of a period that has ended meanwhile", async () => {
    await limit("10", { soft_limit_percent: 50 });
    const held = await ledger.heldAnd(aRequest(payer, "6"), "6");
    await ledger.sql`UPDATE counters SET period_start = period_start - interval '40 days'`;
    await ledger.settlements.settle(held);
    expect(await outbox()).toMatchObject([{ type: "budget.threshold", data: { spent_usd: "6" } }]);
  });
});

describe("an adjustment", () => {
  test("writes the event of the threshold that it reaches", async () => {
    await limit("10", { soft_limit_percent: 50 });
    await createAdjustment(ctx, {
      scope: { organization_id: payer.organizationId },
      amount_usd: "5",
      reason: "a test",
    });
    expect(await types()).toEqual(["budget.threshold"]);
  });
});

describe("a changed budget", () => {
  test("is told of by the job if it is spent already, once", async () => {
    await spend("6");
    await limit("10", { soft_limit_percent: 50 });
    expect(await raiseBudgetEvents(db)).toHaveLength(1);
    expect(await raiseBudgetEvents(db)).toEqual([]);
    expect(await types()).toEqual(["budget.threshold"]);
  });

  test("has its new thresholds with the settlements after the job's next run", async () => {
    await limit("10");
    await spend("1");
    await limit("4", { soft_limit_percent: 50 });
    expect(await raiseBudgetEvents(db)).toEqual([]);
    await spend("1");
    expect(await outbox()).toMatchObject([
      { type: "budget.threshold", data: { limit_usd: "4", percent: 50 } },
    ]);
  });

  test("writes nothing when it has been removed", async () => {
    await limit("10");
    await spend("1");
    await updateOrganization(ctx, { id: payer.organizationId, budget: null });
    payer = { ...payer, organizationVersion: payer.organizationVersion + 1 };
    await spend("10");
    expect(await types()).toEqual([]);
  });
});
