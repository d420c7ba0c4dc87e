import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { logChanges } from "./change-log";
import { startPolls } from "./polls";
import { retryingSql } from "./retrying-sql";
import type { LimitedScope } from "./tenants";

const database = await createTestDatabase();
const gateway = database.sql;
const chaos = retryingSql(database.url);
await logChanges(chaos.sql);
afterAll(() => chaos.close());

const aScope = (limitUsd: string): LimitedScope => ({
  type: "api_key",
  id: randomUUID(),
  organizationId: randomUUID(),
  name: "open/user-0/key-0",
  period: "total",
  limitUsd,
  maxConcurrent: null,
});

/** What a hold of four cents writes that creates the scope's first counter. */
const grant = (sql: postgres.ISql, { id }: LimitedScope) => sql`
  INSERT INTO counters (scope_type, scope_id, period, period_start, held_usd, open_holds)
  VALUES ('api_key', ${id}, 'total', 'epoch', 0.04, 1)`;

test("a hold granted under the old limit is no discrepancy, even if it commits after the change", async () => {
  const scope = aScope("1");
  const polls = startPolls(chaos, [scope]);
  let changed: Promise<void> | undefined;
  await gateway.begin(async (tx) => {
    await grant(tx, scope);
    scope.limitUsd = "0";
    changed = polls.changed(scope);
    await sleep(200);
  });
  await changed;
  await expect(polls.poll()).resolves.toBeUndefined();
});

test("a hold granted above the limit in force is a discrepancy", async () => {
  const scope = aScope("0");
  const polls = startPolls(chaos, [scope]);
  await polls.changed(scope);
  await grant(gateway, scope);
  await expect(polls.poll()).rejects.toThrow("has a limit of $0; it went from 0 to 40000000000");
});
