import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { databaseGates } from "#lib/credit/batching/tenant-lanes";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import type { Period } from "#lib/db/schema/columns";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { holdPlacer } from "./hold";
import { newInstance } from "./instance";
import { ledgerCalls } from "./ledger-calls";

const ledger = await ledgerOfFile();

const TOO_MANY = { granted: false, reason: "concurrency_limit_exceeded" };
const GRANTED = { granted: true };

/** A tenant whose key has a budget period and a concurrency limit. */
async function limited(period: Period, maxConcurrent: number): Promise<TestPayer> {
  const payer = await createTenant(ledger.sql);
  await ledger.sql`
    UPDATE api_keys SET budget_period = ${period}, max_concurrent = ${maxConcurrent} WHERE id = ${payer.apiKeyId}`;
  return { ...payer, apiKeyPeriod: period, apiKeyVersion: 2 };
}

/** Ends the key's running period. */
const endPeriod = (payer: TestPayer, period: Period) => ledger.sql`
  UPDATE counters SET period_start = tollgate_period_start(${period}, period_start - interval '1 hour')
  WHERE scope_id = ${payer.apiKeyId}`;

describe("a concurrency limit", () => {
  test.each(["day", "week", "month"] as const)("counts holds from before the %s started", async (period) => {
    const payer = await limited(period, 2);
    const old = await ledger.heldAnd(aRequest(payer, "1"), "1");
    expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
    await endPeriod(payer, period);
    expect(await ledger.placeHold(aRequest(payer, "1"))).toEqual(TOO_MANY);
    await ledger.settlements.settle(old);
    expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
    expect(await ledger.placeHold(aRequest(payer, "1"))).toEqual(TOO_MANY);
  });

  test("counts holds that have been open for days", async () => {
    const payer = await limited("day", 1);
    const process = ledger.process();
    const old = await ledger.heldAnd(aRequest(payer, "1"), "1", process.placeHold);
    for (let days = 0; days < 4; days++) await endPeriod(payer, "day");
    // As with each heartbeat, record how old the oldest request is.
    await ledger.sql`
      UPDATE instances SET oldest_open = tollgate_id_floor(now() - interval '4 days') WHERE id = ${process.instance.id}`;
    expect(await ledger.placeHold(aRequest(payer, "1"))).toEqual(TOO_MANY);
    await process.settlements.settle(old);
    expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
    await process.expireLease();
  });

  test("counts holds that a change of the budget's period left in the old bucket", async () => {
    const payer = await limited("month", 1);
    const request = aRequest(payer, "1");
    const old = await ledger.heldAnd(request, "1");
    // Created before the day started, so the change does not move it.
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

  test("does not count other scopes' holds", async () => {
    const [payer, other] = [await limited("day", 1), await limited("day", 1)];
    await ledger.placeHold(aRequest(other, "1"));
    await endPeriod(other, "day");
    expect(await ledger.placeHold(aRequest(payer, "1"))).toMatchObject(GRANTED);
  });
});

test("grants one of two requests on either side of midnight when one may run", async () => {
  await useConnectionClock();
  // Every scope has a daily budget: one whose bucket continues would serialize the two by its lock.
  const payer: TestPayer = {
    ...(await limited("day", 1)),
    ...({ organizationPeriod: "day", organizationVersion: 2, userPeriod: "day", userVersion: 2 } as const),
  };
  await ledger.sql`UPDATE organizations SET budget_period = 'day' WHERE id = ${payer.organizationId}`;
  await ledger.sql`UPDATE users SET budget_period = 'day' WHERE id = ${payer.userId}`;
  const [before, after] = [at(-100), at(100)];
  try {
    // The buckets exist, since creating one locks nothing.
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

/** Makes the hold function use a time that each connection sets. */
async function useConnectionClock(): Promise<void> {
  const [row] = await ledger.sql`SELECT pg_get_functiondef('tollgate_hold_v1'::regproc) AS source`;
  const source = String(row?.source).replace(
    "statement_timestamp()",
    "coalesce(nullif(current_setting('test.now', true), '')::timestamptz, statement_timestamp())",
  );
  expect(source).toContain("test.now");
  await ledger.sql.unsafe(source);
}

/** A replica whose clock is at an offset from the last midnight. */
function at(offsetMs: number): postgres.Sql {
  const midnightMs = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const now = new Date(midnightMs + offsetMs).toISOString();
  return postgres(ledger.url, { max: 2, onnotice: () => {}, connection: { "test.now": now } });
}
