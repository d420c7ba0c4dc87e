import { inArray, sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { backfillUsage } from "#lib/credit/ledger/roll-up";
import { uuidv7 } from "#lib/credit/request-id";
import { ledger, ledgerState, metadataSets } from "#lib/db/schema/credit";
import { apps } from "#lib/db/schema/identity";
import { expectInvalid } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { METADATA, METADATA_GROUPS, reference, sumsOf, topOf, ZONES } from "./testing/reference";
import { topUsage } from "./top-usage";
import { usageCsv } from "./usage-csv";
import { USAGE_GROUPS, type UsageGroup } from "./usage-question";
import { UsageReportQuery, usageReport } from "./usage-report";

type Row = typeof ledger.$inferInsert;

function pick<T>(index: number, values: readonly T[]): T {
  for (const value of values.slice(index % values.length)) return value;
  throw new Error("nothing to pick from");
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START = Date.parse("2026-02-27T00:00:00Z");
const GONE = "33333333-3333-4333-8333-333333333333";

const world = await worldOfFile();
let appId: string;
const rows: Row[] = [];

beforeAll(async () => {
  const [app] = await world.db
    .insert(apps)
    .values({ name: "Backoffice", organizationId: world.a.id, secretHash: Buffer.from("x") })
    .returning({ id: apps.id });
  appId = app?.id ?? "";
  for (let i = 0; i < 600; i++) {
    // Spread over four days, some exactly at full hours.
    const offset = i % 7 === 0 ? Math.floor((i * 577_013) / HOUR_MS) * HOUR_MS : i * 577_013;
    const createdAt = new Date(START + (offset % (4 * DAY_MS)));
    const inB = i % 5 === 0;
    rows.push({
      id: uuidv7(createdAt.getTime()),
      createdAt,
      status: pick(i, ["settled", "settled", "released", "swept", "settled", "held", "adjustment"]),
      organizationId: inB ? world.b.id : world.a.id,
      userId: inB ? null : pick(i, [world.member.id, world.other.id, null, GONE]),
      apiKeyId: inB ? world.b.orgKey : pick(i, [world.a.memberKey, world.a.orgKey]),
      appId: i % 11 === 0 && !inB ? appId : null,
      endpoint: pick(i, ["chat/completions", "messages"]),
      upstreamModel: pick(i, ["small-1", "large-2", null]),
      latencyMs: pick(i, [null, 1 + i * 7, 90_000 - i * 3]),
      ttftMs: i % 4 === 0 ? 1 + i : null,
      cachedTokens: i % 9,
      model: pick(i, ["small", "large", "=cmd()"]),
      provider: pick(i, ["openai", "groq", null]),
      tags: pick(i, [[], ["x"], ["x", "y"], ["y", "y"]]),
      metadataId: pick(i, [null, ...Object.keys(METADATA)]),
      inputTokens: i * 3,
      outputTokens: i,
      costUsd: `0.${String(i * 7919).padStart(12, "0")}`,
      httpStatus: pick(i, [200, 200, 502, null, 400]),
      counterIds: [],
    });
  }
  await world.db.insert(metadataSets).values(Object.entries(METADATA).map(([id, pairs]) => ({ id, pairs })));
  await world.db.insert(ledger).values(rows.filter((_, index) => index % 6 > 0));
  await world.db.update(ledgerState).set({ rolledUpFrom: new Date() });
  await backfillUsage(world.db.$client, Number.POSITIVE_INFINITY);
  // What a late settlement leaves after a sweep.
  await world.addUsage({ hour: new Date(START), model: "nothing", requests: 0, costUsd: "0" });
  // The rest is pending, as settling leaves it.
  const pending = rows.filter((_, index) => index % 6 === 0);
  await world.db.insert(ledger).values(pending);
  await world.db.execute(sql`
    insert into usage_pending
    select date_bin('15 minutes', created_at, 'epoch'), organization_id, user_id, api_key_id, app_id, model, provider,
      upstream_model, endpoint, tags, 1, coalesce((http_status >= 400)::int, 0), input_tokens, output_tokens, cached_tokens,
      cost_usd, latency_ms, ttft_ms, metadata_id
    from ledger
    where status in ('settled', 'released', 'swept') and ${inArray(
      ledger.id,
      pending.map(({ id }) => id),
    )}`);
});

type Query = Parameters<typeof usageReport>[1] & object;
type TopGroup = Awaited<ReturnType<typeof topUsage>>["data"][number];

/** Fewer than there are, of most groups. */
const FEW = { most: 2, lines: 4, fewest_within: 1 };

const withoutNames = ({ name: _, within, ...sums }: TopGroup) => ({
  ...sums,
  within: within.map(({ name: __, ...line }) => line),
});

async function report(actor: Actor, query: Query) {
  const { data } = await usageReport(world.as(actor), query);
  return new Map(
    data.map((row) => [
      JSON.stringify(row.subgroup === undefined ? [row.group] : [row.group, row.subgroup]),
      row,
    ]),
  );
}

/** Expects the nearest rank of the durations, within the precision of their buckets. */
function expectPercentile(shown: number | null, durations: readonly number[], share: number) {
  const sorted = durations.toSorted((a, b) => a - b);
  const exact = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (exact === undefined) return expect(shown).toBeNull();
  expect(Math.abs(Number(shown) - exact) / exact).toBeLessThanOrEqual(0.1);
}

describe("a usage report", () => {
  test("equals the sums of the ledger exactly, for any range, group and actor", async () => {
    const readers = [
      { actor: world.admin, sees: () => true },
      { actor: world.orgAdmin, sees: (row: Row) => row.organizationId === world.a.id },
      { actor: world.member, sees: (row: Row) => row.userId === world.member.id },
    ];
    const moment = fc.oneof(
      fc.integer({ min: -HOUR_MS, max: 4 * DAY_MS + HOUR_MS }),
      fc.integer({ min: 0, max: 4 * 96 }).map((quarters) => (quarters * HOUR_MS) / 4),
      fc.integer({ min: 0, max: 4 }).map((days) => days * DAY_MS),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(moment, moment),
        fc.uniqueArray(fc.constantFrom(...USAGE_GROUPS, ...METADATA_GROUPS), { minLength: 1, maxLength: 2 }),
        fc.constantFrom(...ZONES),
        fc.constantFrom(...readers),
        fc.option(fc.constantFrom("small", "large"), { nil: undefined }),
        fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
        async (ends, group_by, time_zone, { actor, sees }, model, tag) => {
          const [from, to] = [Math.min(...ends), Math.max(...ends)].map((ms) => new Date(START + ms));
          if (from === undefined || to === undefined) throw new Error("a range has two ends");
          const chosen = rows.filter(
            (row) =>
              row.createdAt >= from &&
              row.createdAt < to &&
              sees(row) &&
              (model === undefined || row.model === model) &&
              (tag === undefined || row.tags?.includes(tag)),
          );
          const query = { from: from.toISOString(), to: to.toISOString(), group_by, time_zone, model, tag };
          const shown = await report(actor, query);
          const expected = reference(chosen, group_by, time_zone);
          expect(new Map([...shown].map(([key, row]) => [key, sumsOf(row)]))).toEqual(
            new Map([...expected].map(([key, row]) => [key, sumsOf(row)])),
          );
          const { data, all } = await topUsage(world.as(actor), { ...query, ...FEW });
          const few = { most: FEW.most, lines: FEW.lines, fewestWithin: FEW.fewest_within };
          expect({ data: data.map(withoutNames), all }).toEqual(topOf(expected, group_by, few));
          for (const [key, { latencies, firsts }] of expected) {
            const row = shown.get(key);
            expectPercentile(row?.latency_ms_p50 ?? null, latencies, 0.5);
            expectPercentile(row?.latency_ms_p95 ?? null, latencies, 0.95);
            expectPercentile(row?.ttft_ms_p50 ?? null, firsts, 0.5);
            expectPercentile(row?.ttft_ms_p95 ?? null, firsts, 0.95);
          }
        },
      ),
      // First one with two groups of equal cost, of which one has no key.
      {
        numRuns: 100,
        examples: readers
          .slice(0, 1)
          .map((reader) => [[0, 3 * DAY_MS], ["app", "metadata:env"], "UTC", reader, "small", undefined]),
      },
    );
  });

  test("shows each actor their own scope, whatever the filter", async () => {
    const range = { from: "2026-02-27", to: "2026-03-04" };
    const groups = async (actor: Actor, query = {}) => {
      const rows = await report(actor, { ...range, group_by: "organization", ...query });
      return [...rows.values()].map(({ group }) => group);
    };
    expect((await groups(world.admin)).sort()).toEqual([world.a.id, world.b.id].sort());
    for (const actor of [world.orgAdmin, world.viewer, world.member]) {
      expect(await groups(actor)).toEqual([world.a.id]);
    }
    expect(await groups(world.orgAdminOfB)).toEqual([world.b.id]);
    expect(await groups(world.stray)).toEqual([]);
    expect(await groups(world.orgAdmin, { organization_id: world.b.id })).toEqual([]);
    expect(await groups(world.member, { user_id: world.other.id })).toEqual([]);
    expect(await groups(world.member, { api_key_id: world.b.orgKey, group_by: "tag" })).toEqual([]);
  });

  test("adds names, and keeps the ids of what was deleted", async () => {
    const range = { from: "2026-02-27", to: "2026-03-04" };
    const named = async (group_by: UsageGroup) =>
      new Map(
        (await usageReport(world.as(world.orgAdmin), { ...range, group_by })).data.map((row) => [
          row.group,
          row.name,
        ]),
      );
    expect(await named("organization")).toEqual(new Map([[world.a.id, "A"]]));
    expect(await named("user")).toEqual(
      new Map([
        [world.member.id, "member"],
        [world.other.id, "other"],
        [GONE, null],
        [null, null],
      ]),
    );
    expect((await named("api_key")).get(world.a.memberKey)).toBe("a-member");
    expect((await named("app")).get(appId)).toBe("Backoffice");
    expect((await named("model")).get("small")).toBeUndefined();
  });

  test("sorts hours and days by time, other groups by cost", async () => {
    const range = { from: "2026-02-27", to: "2026-03-04" };
    const days = (await usageReport(world.as(world.admin), range)).data.map((row) => row.group);
    expect(days).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
    const models = (await usageReport(world.as(world.admin), { ...range, group_by: "model" })).data;
    const costs = models.map((row) => Number(row.cost_usd));
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
  });

  test.each(["user", "api_key", "hour", "day"] as const)(
    "has the first groups by %s and what is within them",
    async (outer) => {
      for (const inner of ["model", "app", "tag", outer === "day" ? "hour" : "day"] as const) {
        for (const [most, time_zone] of [
          [1, "UTC"],
          [2, "Asia/Kathmandu"],
        ] as const) {
          const query = {
            from: "2026-02-27T00:00:00Z",
            to: "2026-03-03T00:00:00Z",
            group_by: [outer, inner],
            time_zone,
          };
          const bounds = { most, lines: 4, fewest_within: 1 };
          const { data, all } = await topUsage(world.as(world.admin), { ...query, ...bounds });
          expect({ data: data.map(withoutNames), all }).toEqual(
            topOf(reference(rows, [outer, inner], time_zone), [outer, inner], {
              most,
              lines: 4,
              fewestWithin: 1,
            }),
          );
        }
      }
    },
  );

  test("has the first groups, their names and the sums of all, if a page asks for some", async () => {
    const window = { from: "2026-02-27", to: "2026-03-03" };
    const ctx = world.as(world.admin);
    const top = await topUsage(ctx, { ...window, group_by: ["app", "api_key"], ...FEW });
    const named = top.data.flatMap(({ group, name, within }) => [{ group, name }, ...within]);
    const nameOf = (id: string | null) => named.find(({ group }) => group === id)?.name;
    expect([nameOf(appId), nameOf(world.a.memberKey), nameOf(null)]).toEqual([
      "Backoffice",
      "a-member",
      null,
    ]);
    const none = await topUsage(ctx, { from: "2020-01-01", to: "2020-01-02", ...FEW });
    expect(none).toMatchObject({ data: [], all: { groups: 0, requests: 0, cost_usd: "0" } });
  });

  test("covers the current month by day by default", async () => {
    vi.setSystemTime("2026-03-02T05:30:00Z");
    const march = await usageReport(world.as(world.admin));
    vi.useRealTimers();
    expect(march.data.map((row) => row.group)).toEqual(["2026-03-01", "2026-03-02"]);
    const february = await usageReport(world.as(world.admin), { to: "2026-03-01" });
    expect(february.data.map((row) => row.group)).toEqual(["2026-02-27", "2026-02-28"]);
  });

  test("reads dates, and begins months, in the time zone", async () => {
    const range = { from: "2026-03-01", to: "2026-03-02", time_zone: "Asia/Kathmandu" };
    const [day] = [...(await report(world.admin, range)).values()];
    const instants = { from: "2026-02-28T18:15:00Z", to: "2026-03-01T18:15:00Z" };
    const [same] = [...(await report(world.admin, { ...instants, group_by: "endpoint" })).values()];
    expect(day?.group).toBe("2026-03-01");
    expect(day?.requests).toBeGreaterThan(same?.requests ?? 0);
    const march = await usageReport(world.as(world.admin), { to: "2026-03-03", time_zone: "Asia/Kathmandu" });
    expect(march.data.map((row) => row.group)).toEqual(["2026-03-01", "2026-03-02"]);
  });

  test("orders the second level within the first", async () => {
    const range = { from: "2026-02-27", to: "2026-03-04" };
    const { data } = await usageReport(world.as(world.admin), { ...range, group_by: ["model", "user"] });
    const totals = new Map<string | null, number>();
    for (const row of data) totals.set(row.group, (totals.get(row.group) ?? 0) + Number(row.cost_usd));
    const models = [...new Set(data.map((row) => row.group))];
    expect(models).toEqual(models.toSorted((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0)));
    for (const model of models) {
      const costs = data.filter((row) => row.group === model).map((row) => Number(row.cost_usd));
      expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    }
    expect(data.find((row) => row.subgroup === world.member.id)?.subgroup_name).toBe("member");
  });

  test("by metadata sums equal values of all callers, and lists those without the name as null", async () => {
    const range = { from: "2026-02-27", to: "2026-03-04" };
    const teams = await report(world.admin, { ...range, group_by: "metadata:team" });
    expect([...teams.keys()].toSorted()).toEqual(['["ads: \\"new\\""]', '["search"]', "[null]"]);
    const unknown = await report(world.admin, { ...range, group_by: "metadata:__proto__" });
    expect([...unknown.keys()]).toEqual(["[null]"]);
    const { fileName, text } = await usageCsv(world.as(world.admin), {
      ...range,
      group_by: ["metadata:team", 'metadata:"Ä"\u2028;'],
    });
    expect(fileName).toBe("usage-by-metadata-team-and-metadata-.csv");
    expect(text).toContain("search,");
  });

  describe("of removed requests", () => {
    const keptFrom = "2026-03-01T05:00:00.000Z";
    const completeFrom = async (query: Query) =>
      (await usageReport(world.as(world.admin), { to: "2026-03-04", ...query })).complete_from;
    beforeAll(async () => {
      await world.db.update(ledgerState).set({ keptFrom: new Date(keptFrom) });
      return async () => {
        await world.db.update(ledgerState).set({ keptFrom: new Date(0), detailedFrom: new Date(0) });
      };
    });

    test("says from when on it is complete if it needs parts of quarter hours", async () => {
      expect(await completeFrom({ from: "2026-02-28T10:07:00Z" })).toBe(keptFrom);
      expect(await completeFrom({ from: "2026-02-27", to: "2026-02-28T10:07:00Z" })).toBe(keptFrom);
      expect(await completeFrom({ from: "2026-03-01T05:07:00Z" })).toBeNull();
    });

    test.each<Query>([
      { group_by: "day" },
      { group_by: "day", time_zone: "Asia/Kathmandu" },
      { group_by: "tag" },
      { group_by: ["endpoint", "upstream_model"] },
      { group_by: "hour", tag: "x", from: "2026-02-28T10:15:00Z" },
    ])("is complete for %j", async (query) => {
      expect(await completeFrom({ from: "2026-02-27", ...query })).toBeNull();
    });

    test("says what an earlier version did not count", async () => {
      await world.db.update(ledgerState).set({ detailedFrom: new Date(keptFrom) });
      const from = "2026-02-27";
      expect(await completeFrom({ from, group_by: "model" })).toBeNull();
      expect(await completeFrom({ from, group_by: "day", time_zone: "Europe/Berlin" })).toBeNull();
      for (const query of [
        { group_by: "tag" as const },
        { group_by: "upstream_model" as const },
        { tag: "x" },
        { group_by: "day" as const, time_zone: "Asia/Kolkata" },
        { from: "2026-02-28T10:15:00Z" },
      ]) {
        expect(await completeFrom({ from, ...query })).toBe(keptFrom);
      }
      expect(await completeFrom({ from: keptFrom, group_by: "tag" })).toBeNull();
    });
  });

  test.each(["team", "metadata:", ["day", "team"], ["day", "model", "user"]])(
    "rejects the group %j and says which there are",
    (group_by) => {
      const [issue] = UsageReportQuery.safeParse({ group_by }).error?.issues ?? [];
      expect(issue).toMatchObject({
        path: ["group_by"],
        message: expect.stringContaining("Choose one or two of: hour, day,"),
      });
    },
  );

  test("is empty for an empty range, and rejects one that ends before it starts", async () => {
    const at = "2026-03-01T10:20:00Z";
    expect(await usageReport(world.as(world.admin), { from: at, to: at })).toEqual({
      data: [],
      complete_from: null,
    });
    await expectInvalid(() => usageReport(world.as(world.admin), { from: at, to: "2026-03-01" }), "to");
  });

  test.each([
    [{ group_by: "colour" }, "group_by"],
    [{ group_by: "metadata" }, "group_by"],
    [{ group_by: "metadata:" }, "group_by"],
    [{ group_by: `metadata:${"n".repeat(41)}` }, "group_by"],
    [{ group_by: ["metadata:team", "metadata:team"] }, "group_by"],
    [{ from: "yesterday" }, "from"],
    [{ user_id: "x" }, "user_id"],
    [{ group_by: ["day", "model", "user"] }, "group_by"],
    [{ group_by: ["day", "day"] }, "group_by"],
    [{ time_zone: "Mars/Olympus" }, "time_zone"],
    [{ time_zone: "UTC+3" }, "time_zone"],
    [{ time_zone: "+05:30" }, "time_zone"],
    [{ colour: "red" }, "colour"],
  ])("rejects %j and names the field", async (query: object, field) => {
    await expectInvalid(() => usageReport(world.as(world.admin), query), field);
  });
});
