import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { databaseGates } from "#lib/credit/batching/tenant-lanes";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant } from "#lib/db/testing/tenant";
import { holdPlacer } from "./hold";
import { newInstance } from "./instance";
import { ledgerCalls } from "./ledger-calls";

const ledger = await ledgerOfFile();
const named = (application_name: string, max: number) =>
  postgres(ledger.url, { max, onnotice: () => {}, connection: { application_name } });
const [sql, steady] = [named("others", 5), named("steady", 1)];
const instance = newInstance();
const placeHold = holdPlacer(ledgerCalls({ sql, steady }, instance, databaseGates(), 5_000).hold, instance);
afterAll(() => Promise.all([sql.end(), steady.end()]));

/** The connections that have placed holds so far, each by its last statement. */
async function placedBy(): Promise<string[]> {
  const rows = await ledger.sql<{ name: string }[]>`
    SELECT application_name AS name FROM pg_stat_activity
    WHERE datname = current_database() AND application_name IN ('steady', 'others') AND query LIKE '%tollgate_hold%'`;
  return rows.map(({ name }) => name);
}

test("sequential calls use the steady connection only", async () => {
  const payer = await createTenant(ledger.sql);
  for (let i = 0; i < 10; i++)
    expect(await placeHold(aRequest(payer, "0.01"))).toMatchObject({ granted: true });
  expect(await placedBy()).toEqual(["steady"]);
});

test("other connections serve calls while the steady one waits for a lock", async () => {
  const [locked, other] = [await createTenant(ledger.sql), await createTenant(ledger.sql)];
  await placeHold(aRequest(locked, "0.01"));
  const locker = await ledger.sql.reserve();
  await locker`BEGIN`;
  await locker`SELECT 1 FROM counters WHERE scope_id = ${locked.organizationId} FOR UPDATE`;
  const stuck = placeHold(aRequest(locked, "0.01"));
  expect(await placeHold(aRequest(other, "0.01"))).toMatchObject({ granted: true });
  expect(await placedBy()).toContain("others");
  await locker`ROLLBACK`;
  locker.release();
  expect(await stuck).toMatchObject({ granted: true });
});
