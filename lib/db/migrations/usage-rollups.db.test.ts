import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
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

test("the upgrade to rollups keeps every hour, and what the ledger knows beyond it", async () => {
  const before = await hours();
  await migrate(database.url);
  expect(await hours()).toEqual(before);
  const sums = { requests: "7", cost: "2.000000000001" };
  for (const cut of ["caller", "owner", "organization", "installation"]) {
    const [days] = await sql`
      SELECT sum(requests)::text AS requests, trim_scale(sum(cost_usd))::text AS cost FROM usage_days WHERE cut = ${cut}`;
    expect(days).toEqual(sums);
  }
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
