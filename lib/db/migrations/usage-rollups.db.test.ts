import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { migrate } from "#lib/db/migrate";
import { createEmptyDatabase } from "#lib/db/testing/test-database";
import { readJournal } from "./journal";

const ORGANIZATION = "01890000-0000-7000-8000-0000000000aa";
const KEY = "01890000-0000-7000-8000-0000000000bb";
const KEPT_FROM = "2026-03-02T05:00:00Z";

const database = await createEmptyDatabase();
const { sql } = database;
afterAll(() => database.drop());

const hours = async () => [...(await sql`SELECT * FROM usage_hourly ORDER BY hour, model`)];

/** Migrates to the schema before the rollups. */
async function migrateToHourly(): Promise<void> {
  const folder = join(projectRoot(), "drizzle");
  const { entries } = readJournal(folder);
  const rollups = entries.findIndex(({ tag }) => tag.endsWith("_usage_rollups"));
  await sql`CREATE SCHEMA drizzle`;
  await sql`CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`;
  for (const { sql: statements, hash, folderMillis } of readMigrationFiles({
    migrationsFolder: folder,
  }).slice(0, rollups)) {
    for (const statement of statements) await sql.unsafe(statement);
    await sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${folderMillis})`;
  }
}

/** A request as settling left it. */
async function request(at: string, status: string, tags: string[]): Promise<void> {
  await sql`
    INSERT INTO ledger (id, created_at, status, organization_id, api_key_id, endpoint, model, provider, upstream_model, tags,
      input_tokens, output_tokens, cached_tokens, cost_usd, http_status, latency_ms, counter_ids)
    VALUES ((left(tollgate_id_floor(${at})::text, 24) || left(md5(random()::text), 12))::uuid, ${at}, ${status}::ledger_status,
      ${ORGANIZATION}, ${KEY}, 'messages', 'm', 'p', 'm-1', ${tags}, 10, 5, 2, 0.25, 429, 1000, '{}')`;
}

beforeAll(async () => {
  await migrateToHourly();
  await sql`UPDATE ledger_state SET kept_from = ${KEPT_FROM}`;
  await sql`
    INSERT INTO usage_hourly (hour, organization_id, api_key_id, model, provider, requests, errors, input_tokens,
      output_tokens, cached_tokens, cost_usd)
    VALUES ('2026-03-01T10:00Z', ${ORGANIZATION}, ${KEY}, 'm', 'p', 3, 1, 30, 15, 6, 1.5),
      ('2026-03-02T04:00Z', ${ORGANIZATION}, ${KEY}, 'm', NULL, 2, 0, 20, 10, 4, 0.000000000001),
      ('2026-03-02T07:00Z', ${ORGANIZATION}, ${KEY}, 'm', 'p', 2, 2, 20, 10, 4, 0.5)`;
  // Retention has not come to this one yet: its hour is counted already.
  await request("2026-03-02T04:20:00Z", "settled", []);
  await request("2026-03-02T07:05:00Z", "settled", ["x"]);
  await request("2026-03-02T07:50:00Z", "swept", []);
  await request("2026-03-02T07:55:00Z", "held", []);
  await request("2026-03-02T07:56:00Z", "adjustment", []);
});

/** What the late settlement makes of the third hour. */
const LATER = {
  requests: "3",
  errors: "3",
  input_tokens: "30",
  output_tokens: "15",
  cached_tokens: "6",
  cost_usd: "0.750000000000",
};

const backfill = async (): Promise<boolean> =>
  (await sql`SELECT tollgate_backfill_usage_v1(1) AS complete`)[0]?.complete;

/** As a budget's new period counts it. */
const costOfKey = async (): Promise<string> =>
  (
    await sql`SELECT trim_scale(tollgate_usage_cost('api_key', ${KEY}, ${ORGANIZATION}, '-infinity', 'infinity'))::text AS cost`
  )[0]?.cost;

const deletedByRetention = async (): Promise<number> =>
  (await sql`SELECT tollgate_delete_requests_v1('2026-03-03T00:00Z', 100) AS rows`)[0]?.rows;

test("the upgrade to rollups keeps every hour, and what the ledger knows beyond it", async () => {
  const before = await hours();
  await migrate(database.url);
  // Nothing but the hours that the ledger no longer has, yet.
  expect(await hours()).toEqual(before.slice(0, 2));
  expect(await costOfKey()).toBe("2.000000000001");
  expect(await deletedByRetention()).toBe(0);

  // A late settlement, which the ledger and the pending usage have.
  await sql`UPDATE ledger SET status = 'settled' WHERE status = 'held'`;
  await sql`
    INSERT INTO usage_pending SELECT date_bin('15 minutes', created_at, 'epoch'), organization_id, user_id, api_key_id, app_id,
      model, provider, upstream_model, endpoint, tags, 1, 1, input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms
    FROM ledger WHERE created_at = '2026-03-02T07:55:00Z'`;
  const after = before.with(2, { ...before[2], ...LATER });
  await rollUpUsage(sql);
  expect(await costOfKey()).toBe("2.250000000001");

  // Killed before it commits, then one request at a time.
  await sql
    .begin((tx) => tx`SELECT tollgate_backfill_usage_v1(1)`.then(() => Promise.reject(new Error("killed"))))
    .catch(() => {});
  let steps = 1;
  while (!(await backfill())) {
    steps += 1;
    await rollUpUsage(sql);
    expect(await costOfKey()).toBe("2.250000000001");
    expect(await deletedByRetention()).toBe(0);
  }
  expect(steps).toBe(2);
  expect(await backfill()).toBe(true);
  expect(await hours()).toEqual(after);
  const sums = { requests: "8", cost: "2.250000000001" };
  const days = await sql`
    SELECT d.cut, g.model = '' AS of_all_models, d.cut = 'installation' AND g.tags <> '{}' AS by_tags, sum(requests)::text AS requests, trim_scale(sum(cost_usd))::text AS cost
    FROM usage_days d JOIN usage_groups g ON g.id = d.group_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  expect([...days]).toEqual([
    { cut: "caller", of_all_models: false, by_tags: false, ...sums },
    { cut: "owner", of_all_models: true, by_tags: false, ...sums },
    { cut: "organization", of_all_models: false, by_tags: false, ...sums },
    { cut: "organization", of_all_models: true, by_tags: false, ...sums },
    { cut: "installation", of_all_models: false, by_tags: false, ...sums },
    { cut: "installation", of_all_models: true, by_tags: false, ...sums },
    { cut: "installation", of_all_models: true, by_tags: true, requests: "1", cost: "0.25" },
  ]);
  const spans = await sql`
    SELECT cut, hours, sum(requests)::text AS requests, trim_scale(sum(cost_usd))::text AS cost FROM usage_spans
    GROUP BY cut, hours ORDER BY cut, hours`;
  expect([...spans]).toEqual([
    { cut: "caller", hours: 192, ...sums },
    { cut: "caller", hours: 768, ...sums },
    { cut: "owner", hours: 6, ...sums },
    { cut: "owner", hours: 192, ...sums },
    { cut: "owner", hours: 768, ...sums },
  ]);
  const [totals] = await sql`
    SELECT sum(requests)::text AS requests, trim_scale(sum(cost_usd))::text AS cost FROM usage_totals`;
  expect(totals).toEqual(sums);
  const quarters = await sql`
    SELECT q.at, g.tags, g.endpoint, g.upstream_model, q.latency > 0 AS timed FROM usage_quarters q
    JOIN usage_groups g ON g.id = q.group_id WHERE q.cut = 'caller' ORDER BY q.at`;
  const known = { endpoint: "messages", upstream_model: "m-1", timed: true };
  const unknown = { endpoint: null, upstream_model: null, timed: false, tags: [] };
  expect([...quarters]).toEqual([
    { at: new Date("2026-03-01T10:00:00Z"), ...unknown },
    { at: new Date("2026-03-02T04:00:00Z"), ...unknown },
    { at: new Date("2026-03-02T07:00:00Z"), ...known, tags: ["x"] },
    { at: new Date("2026-03-02T07:45:00Z"), ...known, tags: [] },
  ]);
  const [state] = await sql`SELECT kept_from, detailed_from FROM ledger_state`;
  expect(state).toEqual({ kept_from: new Date(KEPT_FROM), detailed_from: new Date(KEPT_FROM) });
});
