import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import { ledger } from "#lib/db/schema/credit";
import { apps } from "#lib/db/schema/identity";
import { expectInvalid } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { usageReport } from "./usage-report";
import { USAGE_GROUPS, type UsageGroup } from "./usage-rows";

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
      endpoint: "chat/completions",
      model: pick(i, ["small", "large", "=cmd()"]),
      provider: pick(i, ["openai", "groq", null]),
      tags: pick(i, [[], ["x"], ["x", "y"], ["y", "y"]]),
      inputTokens: i * 3,
      outputTokens: i,
      costUsd: `0.${String(i * 7919).padStart(12, "0")}`,
      httpStatus: pick(i, [200, 200, 502, null, 400]),
      counterIds: [],
    });
  }
  await world.db.insert(ledger).values(rows);
  // As settling does.
  await world.db.execute(sql`
    insert into usage_hourly (hour, organization_id, user_id, api_key_id, app_id, model, provider, requests,
      errors, input_tokens, output_tokens, cached_tokens, cost_usd)
    select date_trunc('hour', created_at, 'UTC'), organization_id, user_id, api_key_id, app_id, model, provider,
      count(*), count(*) filter (where http_status >= 400), sum(input_tokens), sum(output_tokens), 0, sum(cost_usd)
    from ledger where status in ('settled', 'released', 'swept') group by 1, 2, 3, 4, 5, 6, 7`);
  // What a late settlement leaves after a sweep.
  await world.addUsage({ hour: new Date(START), model: "nothing", requests: 0, costUsd: "0" });
});

type Sums = {
  requests: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: string;
  errors: number;
};

/** The report calculated from the ledger, row by row. */
function reference(chosen: readonly Row[], group: UsageGroup): Map<string | null, Sums> {
  const sums = new Map<string | null, Sums & { pico: bigint }>();
  for (const row of chosen) {
    if (!["settled", "released", "swept"].includes(row.status)) continue;
    for (const key of keysOf(row, group)) {
      const sum = sums.get(key) ?? {
        requests: 0,
        input_tokens: 0,
        output_tokens: 0,
        cost_usd: "",
        errors: 0,
        pico: 0n,
      };
      sum.requests += 1;
      sum.input_tokens += row.inputTokens ?? 0;
      sum.output_tokens += row.outputTokens ?? 0;
      sum.errors += (row.httpStatus ?? 0) >= 400 ? 1 : 0;
      sum.pico += parseUsd(row.costUsd ?? "0");
      sum.cost_usd = formatUsd(sum.pico);
      sums.set(key, sum);
    }
  }
  return new Map([...sums].map(([key, { pico: _, ...sum }]) => [key, sum]));
}

function keysOf(row: Row, group: UsageGroup): (string | null)[] {
  const iso = row.createdAt.toISOString();
  const tags = [...new Set(row.tags ?? [])];
  return {
    hour: [`${iso.slice(0, 13)}:00:00.000Z`],
    day: [iso.slice(0, 10)],
    organization: [row.organizationId],
    user: [row.userId ?? null],
    api_key: [row.apiKeyId ?? null],
    app: [row.appId ?? null],
    model: [row.model],
    provider: [row.provider ?? null],
    tag: tags.length > 0 ? tags : [null],
  }[group];
}

async function report(actor: Actor, query: Parameters<typeof usageReport>[1]) {
  const { data } = await usageReport(world.as(actor), query);
  return new Map(data.map(({ group, name: _, ...sums }) => [group, sums]));
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
      fc.integer({ min: 0, max: 96 }).map((hours) => hours * HOUR_MS),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(moment, moment),
        fc.constantFrom(...USAGE_GROUPS),
        fc.constantFrom(...readers),
        fc.option(fc.constantFrom("small", "large"), { nil: undefined }),
        fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
        async (ends, group_by, { actor, sees }, model, tag) => {
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
          const query = { from: from.toISOString(), to: to.toISOString(), group_by, model, tag };
          expect(await report(actor, query)).toEqual(reference(chosen, group_by));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("shows each actor their own scope, whatever the filter", async () => {
    const range = { from: "2026-02-27", to: "2026-03-04" };
    const groups = async (actor: Actor, query = {}) => [
      ...(await report(actor, { ...range, group_by: "organization", ...query })).keys(),
    ];
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

  test("covers the current month by day by default", async () => {
    vi.setSystemTime("2026-03-02T05:30:00Z");
    const march = await usageReport(world.as(world.admin));
    vi.useRealTimers();
    expect(march.data.map((row) => row.group)).toEqual(["2026-03-01", "2026-03-02"]);
    const february = await usageReport(world.as(world.admin), { to: "2026-03-01" });
    expect(february.data.map((row) => row.group)).toEqual(["2026-02-27", "2026-02-28"]);
  });

  test("is empty for an empty range, and rejects one that ends before it starts", async () => {
    const at = "2026-03-01T10:20:00Z";
    expect(await usageReport(world.as(world.admin), { from: at, to: at })).toEqual({ data: [] });
    await expectInvalid(() => usageReport(world.as(world.admin), { from: at, to: "2026-03-01" }), "to");
  });

  test.each([
    [{ group_by: "colour" }, "group_by"],
    [{ from: "yesterday" }, "from"],
    [{ user_id: "x" }, "user_id"],
    [{ colour: "red" }, "colour"],
  ])("rejects %j and names the field", async (query: object, field) => {
    await expectInvalid(() => usageReport(world.as(world.admin), query), field);
  });
});
