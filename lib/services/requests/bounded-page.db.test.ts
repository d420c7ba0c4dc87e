import { drizzle } from "drizzle-orm/postgres-js";
import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { backfillUsage } from "#lib/credit/ledger/roll-up";
import { uuidv7 } from "#lib/credit/request-id";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import { worldOfFile } from "#lib/services/testing/world";
import { ListRequestsQuery, readRequests } from "./list-requests";

const ROWS = 800;
const MOST_READ = 40;
const UNKNOWN = "0a000000-0000-4000-8000-000000000001";
const QUIET_APP = "0a000000-0000-4000-8000-000000000002";
/** A key that has moved from A to B. */
const MOVED_KEY = "0a000000-0000-4000-8000-000000000003";

const world = await worldOfFile();

/** A request a second, in turn of A and B. The key of B's was A's when it made its oldest. */
beforeAll(async () => {
  const { a, b } = world;
  await world.db.$client`
    INSERT INTO ledger (id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, tags, session_id,
      http_status, counter_ids)
    SELECT (left(tollgate_id_floor(at)::text, 24) || lpad(n::text, 12, '0'))::uuid, at, 'settled',
      CASE WHEN ofA THEN ${a.id}::uuid ELSE ${b.id}::uuid END, CASE WHEN ofA AND n > 300 THEN ${world.member.id}::uuid END,
      CASE WHEN NOT ofA OR n < 100 THEN ${MOVED_KEY}::uuid ELSE ${a.orgKey}::uuid END,
      CASE WHEN n = 4 THEN ${QUIET_APP}::uuid END, 'chat/completions', CASE WHEN n = 4 THEN 'rare' ELSE 'small' END,
      CASE WHEN n % 20 = 4 THEN '{nightly}'::text[] ELSE '{}' END, CASE WHEN NOT ofA OR n = 4 THEN 'shared' END, 200, '{}'
    FROM generate_series(1, ${ROWS}) n,
      LATERAL (SELECT now() - ${ROWS} * interval '1 second' + n * interval '1 second' AS at, n % 2 = 0 AS ofA) t`;
  await world.db.$client`ANALYZE ledger`;
  await world.db.$client`
    INSERT INTO former_names (organization_id, subject_id, name) VALUES (${a.id}, ${MOVED_KEY}, 'moved')`;
});

const pageFor = (actor: Actor, query: object, db = world.db) =>
  readRequests({ actor, db }, ListRequestsQuery.parse(query), MOST_READ);

/** All that a client finds who follows the cursors. */
async function allFor(actor: Actor, query: object) {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await pageFor(actor, { ...query, cursor: cursor ?? undefined });
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return ids;
}

type Plan = Record<string, unknown> & { Plans?: Plan[] };

/** How many rows of the ledger a plan's nodes have read, those that a filter removed included. */
function rowsRead(plan: Plan): number {
  const count = (name: string) => Number(plan[name] ?? 0);
  const own =
    plan["Relation Name"] === "ledger"
      ? (count("Actual Rows") + count("Rows Removed by Filter") + count("Rows Removed by Index Recheck")) *
        count("Actual Loops")
      : 0;
  return (plan.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own);
}

/** The most that a statement of the page has read, by PostgreSQL's own count. */
async function mostRowsRead(actor: Actor, query: object): Promise<number> {
  const statements: { text: string; values: unknown[] }[] = [];
  const logQuery = (text: string, values: unknown[]) => void statements.push({ text, values });
  await pageFor(actor, query, drizzle(world.db.$client, { casing: "snake_case", logger: { logQuery } }));
  return world.db.$client.begin(async (tx) => {
    let most = 0;
    for (const { text, values } of statements.filter((statement) =>
      /^\s*(select|with)/i.test(statement.text),
    )) {
      if (text.includes("set_config")) await tx.unsafe(text);
      const [row] = await tx.unsafe(`explain (analyze, format json) ${text}`, values.map(String));
      most = Math.max(most, rowsRead(row?.["QUERY PLAN"][0].Plan));
    }
    return most;
  });
}

const FILTERS: [string, object][] = [
  ["no filter", {}],
  ["a tag", { tag: "nightly" }],
  ["a tag of none", { tag: "unknown" }],
  ["a rare model", { model: "rare" }],
  ["an app", { app_id: QUIET_APP }],
  ["an app of none", { app_id: UNKNOWN }],
  ["a key", { api_key_id: world.a.orgKey }],
  ["a key's failures", { api_key_id: world.a.orgKey, failed: "true" }],
  ["a user's rare model", { user_id: world.member.id, model: "rare" }],
  ["an organization's held ones", { organization_id: world.a.id, status: "held" }],
  ["a time", { from: new Date(Date.now() - 200_000).toISOString(), tag: "nightly" }],
  ["an id", { search: UNKNOWN }],
];

describe("a page of the ledger", () => {
  test.each(FILTERS)("reads a bounded number of rows for %s", async (_name, query) => {
    for (const actor of [world.admin, world.orgAdmin, world.member]) {
      // Once for the page, and where it is short, once for its end and once for whether the actor may see any.
      expect(await mostRowsRead(actor, query)).toBeLessThanOrEqual(3 * MOST_READ + 1);
    }
  });

  test.each(FILTERS)(
    "and those after it have each match once, newest first, for %s",
    async (_name, query) => {
      for (const actor of [world.admin, world.orgAdmin, world.member]) {
        const whole = await readRequests(
          { actor, db: world.db },
          { ...ListRequestsQuery.parse(query), limit: ROWS },
        );
        expect(await allFor(actor, query)).toEqual(whole.data.map(({ id }) => id));
      }
    },
  );

  test("is short, with a cursor, where too few of the rows that were read match", async () => {
    const page = await pageFor(world.admin, { tag: "nightly" });
    expect(page.data).toHaveLength(MOST_READ / 20);
    expect(page.next_cursor).not.toBeNull();
    expect(await pageFor(world.admin, { tag: "unknown" })).toEqual({
      data: [],
      next_cursor: expect.any(String),
    });
  });

  test("does not tell by its cursor that another tenant has rows", async () => {
    const nothing = { data: [], next_cursor: null };
    for (const query of [{ session_id: "unknown" }, { api_key_id: UNKNOWN }, { organization_id: UNKNOWN }]) {
      expect(await pageFor(world.orgAdmin, query)).toEqual(nothing);
    }
    for (const query of [{ organization_id: world.b.id }, { user_id: world.orgAdminOfB.id }]) {
      expect(await pageFor(world.orgAdmin, query)).toEqual(nothing);
    }
    await world.db.$client`DELETE FROM former_names`;
    expect(await pageFor(world.orgAdmin, { api_key_id: MOVED_KEY })).toEqual(nothing);
    await world.db.$client`
      INSERT INTO former_names (organization_id, subject_id, name) VALUES (${world.a.id}, ${MOVED_KEY}, 'moved')`;
  });

  test("finds an organization's rows behind newer ones of another", async () => {
    expect(await allFor(world.orgAdmin, { api_key_id: MOVED_KEY })).toHaveLength(49);
    expect(await allFor(world.orgAdmin, { session_id: "shared" })).toHaveLength(1);
    expect(await allFor(world.orgAdmin, { search: "shared" })).toHaveLength(1);
  });
});

describe("a page of older requests", () => {
  const OLD_ROWS = 1200;
  const before = new Date(Date.now() - 86_400_000).toISOString();
  const MODELS = new Map([2, 3, 640, 644].map((n) => [n, "retired"])).set(700, "adjustment");

  /** A request a minute, in turn of A and B, of which few are of an old model, have a tag or have failed. */
  beforeAll(async () => {
    const rows = Array.from({ length: OLD_ROWS }, (_, index) => {
      const n = index + 1;
      const createdAt = new Date(Date.parse(before) - (OLD_ROWS - n) * 60_000);
      const owner = n % 2 === 0 ? world.a : world.b;
      return {
        id: uuidv7(createdAt.getTime()),
        createdAt,
        status: n === 700 ? ("adjustment" as const) : ("settled" as const),
        organizationId: owner.id,
        apiKeyId: owner.orgKey,
        endpoint: "messages",
        model: MODELS.get(n) ?? "small",
        tags: n === 2 || n === 601 ? ["yearly"] : [],
        httpStatus: n === 4 || n === 5 ? 502 : 200,
        counterIds: [],
      };
    });
    await world.db.insert(ledger).values(rows);
    await world.db.update(ledgerState).set({ rolledUpFrom: new Date() });
    await backfillUsage(world.db.$client, Number.POSITIVE_INFINITY);
    // Of so many callers, the coarser cuts must answer.
    await world.db.$client`
      INSERT INTO usage_groups (hash, cut, organization_id, model)
      SELECT gen_random_uuid(), 'caller', ${world.a.id}, 'small' FROM generate_series(1, 2001)`;
  });

  const SPARSE: [string, number, object][] = [
    ["a model of three requests", 4, { model: "retired" }],
    ["a model of two pages", 4, { model: "retired", limit: 3 }],
    ["an unknown model", 0, { model: "unknown" }],
    ["a tag", 2, { tag: "yearly" }],
    ["failures", 2, { failed: "true", to: before }],
    ["an organization's failures", 1, { failed: "true", organization_id: world.a.id, to: before }],
    ["an endpoint's failures", 2, { failed: "true", endpoint: "messages", to: before }],
    ["an endpoint of none", 0, { endpoint: "embeddings" }],
    ["an old model's tag", 1, { model: "retired", tag: "yearly" }],
    ["a tag of an organization", 1, { tag: "yearly", organization_id: world.a.id }],
    ["a key's failures", 1, { failed: "true", api_key_id: world.a.orgKey, to: before }],
    ["a provider of none", 0, { provider: "unknown" }],
    ["a time", 2, { model: "retired", from: new Date(Date.parse(before) - 1000 * 60_000).toISOString() }],
  ];

  test.each(SPARSE)("finds %s in few steps", async (_name, matches, query) => {
    for (const actor of [world.admin, world.orgAdmin]) {
      const parsed = ListRequestsQuery.parse(query);
      const whole = await readRequests({ actor, db: world.db }, { ...parsed, limit: OLD_ROWS });
      if (actor === world.admin) expect(whole.data).toHaveLength(matches);
      const ids: string[] = [];
      let pages = 0;
      // The requests of the last minutes may be in flight: those are read all.
      let cursor: string | null = pageCursor;
      for (; cursor !== null; pages += 1) {
        const page: Awaited<ReturnType<typeof readRequests>> = await readRequests(
          { actor, db: world.db },
          { ...parsed, cursor },
          MOST_READ,
        );
        ids.push(...page.data.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      expect(ids).toEqual(whole.data.map(({ id }) => id));
      expect(pages).toBeLessThanOrEqual(6);
    }
  });

  test.each([{ model: "unknown" }, { tag: "unknown" }, { failed: "true", provider: "unknown" }])(
    "reads a tenth of a page's rows before it skips those that do not match %o",
    async (filter) => {
      for (const actor of [world.admin, world.orgAdmin]) {
        const most = await mostRowsRead(actor, { ...filter, cursor: pageCursor });
        expect(most).toBeLessThanOrEqual((3 * MOST_READ) / 10 + 1);
      }
    },
  );

  test("finds adjustments, of which the rollups know nothing", async () => {
    const ids = await allFor(world.admin, { model: "adjustment", to: before });
    expect(ids).toHaveLength(1);
  });

  const pageCursor = `${(Date.parse(before) + 60_000)
    .toString(16)
    .padStart(12, "0")
    .replace(/^(.{8})/, "$1-")}-7000-8000-000000000000`;
});
