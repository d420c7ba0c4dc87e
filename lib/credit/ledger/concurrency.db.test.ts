import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseGates } from "#lib/credit/batching/tenant-lanes";
import { aRequest, createLedger, type TestLedger } from "#lib/credit/testing/ledger";
import type { Period } from "#lib/db/schema/columns";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { holdPlacer } from "./hold";
import { newInstance } from "./instance";
import { ledgerCalls } from "./ledger-calls";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createLedger();
});
afterAll(() => ledger.drop());

const TOO_MANY = { granted: false, reason: "concurrency_limit_exceeded" };
const GRANTED = { granted: true };

/** A tenant whose key has a budget of that period and may do so many requests at once. */
async function limited(period: Period, most: number): Promise<TestPayer> {
  const payer = await createTenant(ledger.sql);
  await ledger.sql`
    UPDATE api_keys SET budget_period = ${period}, max_concurrent = ${most} WHERE id = ${payer.apiKeyId}`;
  return { ...payer, apiKeyPeriod: period, apiKeyVersion: 2 };
}

/** The key's running period ends. */
const endPeriod = (payer: TestPayer, period: Period) => ledger.sql`
  UPDATE counters SET period_start = tollgate_period_start(${period}, period_start - interval '1 hour')
  WHERE scope_id = ${payer.apiKeyId}`;

describe("a limit on concurrency", () => {
  test.each(["day", "week", "month"] as const)(
    "counts what is open since before the %s began",
    async (period) => {
      const payer = await limited(period, 2);
      const old = await ledger.heldAnd(aRequest(payer, "1"), "1");
      expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
      await endPeriod(payer, period);
      expect(await ledger.placeHold(aRequest(payer, "1"))).toEqual(TOO_MANY);
      await ledger.settlements.settle(old);
      expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
      expect(await ledger.placeHold(aRequest(payer, "1"))).toEqual(TOO_MANY);
    },
  );

  test("counts what is open for days", async () => {
    const payer = await limited("day", 1);
    const process = ledger.process();
    const old = await ledger.heldAnd(aRequest(payer, "1"), "1", process.placeHold);
    for (let days = 0; days < 4; days++) await endPeriod(payer, "day");
    // What its process says with each heartbeat: how old its oldest request is.
    await ledger.sql`
      UPDATE instances SET oldest_open = tollgate_id_floor(now() - interval '4 days') WHERE id = ${process.instance.id}`;
    expect(await ledger.placeHold(aRequest(payer, "1"))).toEqual(TOO_MANY);
    await process.settlements.settle(old);
    expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
    await process.expireLease();
  });

  test("counts what a change of the budget's period has left in the bucket of the old one", async () => {
    const payer = await limited("month", 1);
    const request = aRequest(payer, "1");
    const old = await ledger.heldAnd(request, "1");
    // Made before the day began: the change leaves it where it is.
    await ledger.sql`UPDATE ledger SET created_at = now() - interval '1 day' WHERE id = ${request.id}`;
    await ledger.sql.begin(async (tx) => {
      await tx`UPDATE api_keys SET budget_period = 'day' WHERE id = ${payer.apiKeyId}`;
      await tx`SELECT tollgate_rebucket_v1('api_key', ${payer.apiKeyId}, 'month', 'day')`;
    });
    const daily: TestPayer = { ...payer, apiKeyPeriod: "day", apiKeyVersion: 3 };
    expect(await ledger.placeHold(aRequest(daily, "1"))).toEqual(TOO_MANY);
    await ledger.settlements.settle(old);
    expect(await ledger.placeHold(aRequest(daily, "1"))).toMatchObject(GRANTED);
  });

  test("is nobody else's: other scopes' holds of the period before do not count", async () => {
    const [payer, other] = [await limited("day", 1), await limited("day", 1)];
    await ledger.placeHold(aRequest(other, "1"));
    await endPeriod(other, "day");
    expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
  });
});

test("of two requests at midnight, on either side of it, one is granted where one may run", async () => {
  await giveItAClock();
  // All by the day: where another scope's bucket goes on, its lock is enough.
  const payer: TestPayer = {
    ...(await limited("day", 1)),
    ...({ organizationPeriod: "day", organizationVersion: 2, userPeriod: "day", userVersion: 2 } as const),
  };
  await ledger.sql`UPDATE organizations SET budget_period = 'day' WHERE id = ${payer.organizationId}`;
  await ledger.sql`UPDATE users SET budget_period = 'day' WHERE id = ${payer.userId}`;
  const [before, after] = [at(-100), at(100)];
  try {
    // The buckets are there: to make one locks nothing.
    await ledger.sql`
      INSERT INTO counters (scope_type, scope_id, period, period_start)
      SELECT s.type::scope_type, s.id::uuid, 'day', date_trunc('day', now(), 'UTC') - d.ago * interval '24 hours'
      FROM (VALUES ('organization', ${payer.organizationId}), ('user', ${payer.userId}), ('api_key', ${payer.apiKeyId}))
        AS s (type, id), generate_series(0, 1) AS d (ago)`;
    const early = await before.reserve();
    await early`BEGIN`;
    expect(await place(early)(aRequest(payer, "1"))).toMatchObject(GRANTED);
    const late = place(after)(aRequest(payer, "1"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await early`COMMIT`;
    early.release();
    expect(await late).toEqual(TOO_MANY);
  } finally {
    await Promise.all([before.end(), after.end()]);
  }
});

function place(sql: postgres.Sql) {
  const instance = newInstance();
  return holdPlacer(ledgerCalls({ sql, steady: sql }, instance, databaseGates(), 5_000).hold, instance);
}

/** Makes the hold function of this database go by a clock that each connection has set. */
async function giveItAClock(): Promise<void> {
  const [row] = await ledger.sql`SELECT pg_get_functiondef('tollgate_hold_v1'::regproc) AS source`;
  const source = String(row?.source).replace(
    "statement_timestamp()",
    "coalesce(nullif(current_setting('test.now', true), '')::timestamptz, statement_timestamp())",
  );
  expect(source).toContain("test.now");
  await ledger.sql.unsafe(source);
}

/** A replica whose requests come so many milliseconds after the last midnight. */
function at(offsetMs: number): postgres.Sql {
  const midnightMs = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const now = new Date(midnightMs + offsetMs).toISOString();
  return postgres(ledger.url, { max: 2, onnotice: () => {}, connection: { "test.now": now } });
}
