import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPlausibleKey, secretHasher } from "#lib/auth/api-key";
import { readCaller } from "#lib/auth/caller";
import { derivedSecrets } from "#lib/auth/derived-secrets";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { compileRates, costPicoUsd, parseRates } from "#lib/credit/prices/price";
import { type Db, openControlDb } from "#lib/db/client";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { stopwatch } from "#lib/testing/promptness";
import { type Demo, seedDemo } from "./seed-demo";

const NOW = new Date("2026-11-03T14:25:00Z");
const config = {
  ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  BLOCK_PRIVATE_UPSTREAMS: false,
  ALLOW_PRIVATE_WEBHOOKS: false,
};
const hashing = derivedSecrets(config.ENCRYPTION_KEY);

let database: TestDatabase;
let db: Db;
let demo: Demo;
let tookMs: number;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.control();
  const took = stopwatch();
  demo = await seedDemo(db, config, hashing, NOW);
  tookMs = took();
});
afterAll(() => database.drop());

/** Everything that seeding again could change. */
const snapshot = () => database.sql`
  SELECT (SELECT json_agg(l ORDER BY l.id) FROM ledger l) AS ledger,
    (SELECT json_agg(c ORDER BY c.id) FROM counters c) AS counters,
    (SELECT json_agg(h ORDER BY h.hour, h.api_key_id, h.model) FROM usage_hourly h) AS hours,
    (SELECT json_agg(x) FROM (SELECT id FROM organizations UNION ALL SELECT id FROM users UNION ALL
      SELECT id FROM api_keys UNION ALL SELECT id FROM apps UNION ALL SELECT id FROM models ORDER BY 1) x) AS cast_ids,
    (SELECT count(*) FROM audit_log) AS audits`;

describe("the demo's keys", () => {
  test("are three valid keys that authenticate their owners", async () => {
    expect(demo.keys.map(({ email, organization }) => [email, organization])).toEqual([
      ["maya@acme.example", "Acme Robotics"],
      ["tom@acme.example", "Acme Robotics"],
      ["ines@northwind.example", "Northwind Studio"],
    ]);
    for (const { key } of demo.keys) {
      expect(key).toMatch(/^tg_demo_[0-9A-Za-z]{38}$/);
      expect(isPlausibleKey(key)).toBe(true);
      const caller = await readCaller(database.sql, secretHasher(hashing), {
        kind: "key",
        key,
      });
      expect(caller.found).toBe(true);
    }
    expect(new Set(demo.keys.map(({ key }) => key)).size).toBe(3);
  });

  test("are the same under another ENCRYPTION_KEY, and differ under another pepper", async () => {
    const other = { ...config, ENCRYPTION_KEY: randomBytes(32).toString("base64") };
    expect((await seedDemo(db, other, hashing, NOW)).keys).toEqual(demo.keys);
    expect((await seedDemo(db, other, derivedSecrets(other.ENCRYPTION_KEY), NOW)).keys).toEqual([]);
  });
});

describe("the demo's usage", () => {
  test("has a few thousand requests of seven days, created quickly", async () => {
    const [row] = await database.sql`
      SELECT count(*)::int AS n, min(created_at) AS first, max(settled_at) AS last FROM ledger`;
    expect(row?.n).toBeGreaterThan(2000);
    expect(row?.n).toBeLessThan(8000);
    expect(NOW.getTime() - row?.first).toBeGreaterThan(6.5 * 86_400_000);
    expect(row?.last.getTime()).toBeLessThanOrEqual(NOW.getTime());
    expect(tookMs).toBeLessThan(10_000);
  });

  test("has days and nights", async () => {
    const [row] = await database.sql`
      SELECT count(*) FILTER (WHERE extract(hour FROM created_at AT TIME ZONE 'UTC') BETWEEN 9 AND 16)::int AS day,
        count(*) FILTER (WHERE extract(hour FROM created_at AT TIME ZONE 'UTC') < 5)::int AS night FROM ledger`;
    expect(row?.night).toBeGreaterThan(0);
    expect(row?.day).toBeGreaterThan(row?.night * 4);
  });

  test("has successes, failures, client disconnects and unbilled requests", async () => {
    const rows = await database.sql`
      SELECT DISTINCT status, http_status, usage_source, cost_usd > 0 AS billed FROM ledger`;
    expect(rows).toEqual(
      expect.arrayContaining([
        { status: "settled", http_status: 200, usage_source: "provider", billed: true },
        { status: "settled", http_status: 499, usage_source: "estimated", billed: true },
        { status: "settled", http_status: 504, usage_source: "estimated", billed: true },
        { status: "released", http_status: 400, usage_source: "estimated", billed: false },
        { status: "released", http_status: 502, usage_source: "estimated", billed: false },
      ]),
    );
  });

  test("has ids that sort by request time", async () => {
    const [row] = await database.sql`
      SELECT count(*)::int AS wrong FROM ledger
      WHERE ('x' || lpad(left(replace(id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint
        <> (extract(epoch FROM created_at) * 1000)::bigint OR substr(id::text, 15, 1) <> '7'`;
    expect(row?.wrong).toBe(0);
  });

  test("costs what its tokens cost at the row's price version, within the hold", async () => {
    const rows = await database.sql`
      SELECT l.*, v.rates FROM ledger l JOIN price_versions v ON v.id = l.price_version_id`;
    for (const row of rows) {
      const usage = {
        ...NO_USAGE,
        inputTokens: Number(row.input_tokens),
        outputTokens: Number(row.output_tokens),
        cachedTokens: Number(row.cached_tokens),
      };
      const expected =
        row.status === "settled" ? costPicoUsd(usage, compileRates(parseRates(row.rates))) : 0n;
      expect(parseUsd(row.cost_usd)).toBe(expected);
      expect(parseUsd(row.hold_usd) >= expected).toBe(true);
    }
  });

  test("sums exactly to what every scope spent in every month", async () => {
    const counters = await database.sql`SELECT * FROM counters ORDER BY id`;
    // Two organizations, three people, three keys, an app; and the week began in another month.
    expect(counters).toHaveLength(9 * 2);
    const rows = await database.sql`SELECT cost_usd, counter_ids FROM ledger`;
    const spent = new Map<string, bigint>();
    for (const row of rows) {
      for (const id of row.counter_ids) spent.set(id, (spent.get(id) ?? 0n) + parseUsd(row.cost_usd));
    }
    for (const counter of counters) {
      expect(formatUsd(parseUsd(counter.spent_usd))).toBe(formatUsd(spent.get(counter.id) ?? 0n));
      expect(parseUsd(counter.held_usd)).toBe(0n);
    }
  });

  test("names the counters that a hold at that time would name", async () => {
    const [row] = await database.sql`
      SELECT count(*)::int AS wrong FROM ledger l WHERE counter_ids IS DISTINCT FROM array(
        SELECT c.id FROM counters c
        WHERE c.scope_id IN (l.organization_id, l.user_id, l.api_key_id, l.app_id)
          AND c.period = 'month' AND c.period_start = date_trunc('month', l.created_at, 'UTC')
        ORDER BY c.id)`;
    expect(row?.wrong).toBe(0);
  });

  test("has a rollup that matches the ledger, hour by hour", async () => {
    const [row] = await database.sql`
      WITH expected AS (
        SELECT date_trunc('hour', created_at, 'UTC') AS hour, organization_id, user_id, api_key_id, app_id, model, provider,
          count(*) AS requests, count(*) FILTER (WHERE http_status >= 400) AS errors, sum(input_tokens) AS input_tokens,
          sum(output_tokens) AS output_tokens, sum(cached_tokens) AS cached_tokens, sum(cost_usd) AS cost_usd
        FROM ledger GROUP BY 1, 2, 3, 4, 5, 6, 7
      ), differences AS (
        (SELECT * FROM expected EXCEPT SELECT * FROM usage_hourly)
        UNION ALL (SELECT * FROM usage_hourly EXCEPT SELECT * FROM expected)
      )
      SELECT (SELECT count(*)::int FROM differences) AS wrong, (SELECT count(*)::int FROM usage_hourly) AS hours`;
    expect(row?.wrong).toBe(0);
    expect(row?.hours).toBeGreaterThan(300);
  });
});

describe("seeding again", () => {
  test("changes nothing and returns the same keys, even later and after deletions", async () => {
    await database.sql`DELETE FROM model_targets WHERE upstream_model = 'demo-large'`;
    await database.sql`DELETE FROM models WHERE name = 'demo-large'`;
    const before = await snapshot();
    const later = new Date(NOW.getTime() + 30 * 86_400_000);
    const again = await Promise.all([
      seedDemo(db, config, hashing, later),
      seedDemo(db, config, hashing, NOW),
    ]);
    expect(again).toEqual([demo, demo]);
    expect(await snapshot()).toEqual(before);
  });

  test("leaves out a key that was revoked", async () => {
    await database.sql`UPDATE api_keys SET revoked_at = now() WHERE name = 'Firmware review'`;
    const { keys } = await seedDemo(db, config, hashing, NOW);
    expect(keys.map((key) => key.email)).toEqual(["maya@acme.example", "ines@northwind.example"]);
  });
});

describe("an installation in use", () => {
  test("gets an error that names the taken name, and no demo data", async () => {
    const used = await createTestDatabase();
    const usedDb = openControlDb(used.url);
    await used.sql`INSERT INTO providers (name, type) VALUES ('simulated', 'simulated')`;
    await expect(seedDemo(usedDb, config, hashing, NOW)).rejects.toThrow(
      /needs the name "simulated", which is taken/,
    );
    const [row] = await used.sql`SELECT count(*)::int AS n FROM organizations`;
    expect(row?.n).toBe(0);
    await usedDb.$client.end();
    await used.drop();
  });

  test("is seeded once when replicas start together", async () => {
    const shared = await createTestDatabase();
    const sharedDb = openControlDb(shared.url);
    await Promise.all([1, 2, 3].map(() => seedDemo(sharedDb, config, hashing, NOW)));
    const [row] = await shared.sql`SELECT count(*)::int AS n FROM organizations`;
    expect(row?.n).toBe(2);
    await sharedDb.$client.end();
    await shared.drop();
  });
});
