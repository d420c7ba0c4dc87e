import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { metadataSets } from "#lib/db/schema/credit";
import { worldOfFile } from "#lib/services/testing/world";
import type { UsageGroup } from "#lib/services/usage/usage-question";
import { usageReport } from "#lib/services/usage/usage-report";
import { usedMetadataNames } from "./metadata-names";
import { type NamedBreakdownQuery, usageBreakdown } from "./usage-breakdown";
import { daysOf } from "./usage-period";

const NOW = new Date("2026-03-14T13:45:00Z");
const at = (hour: string) => new Date(`${hour}:00:00Z`);
const MODELS = ["m1", "m2", "m3", "m4", "m5"];

const world = await worldOfFile();
beforeAll(async () => {
  const ofOrg = { apiKeyId: world.a.orgKey, inputTokens: 10, cachedTokens: 4, outputTokens: 2 };
  const ofMember = { apiKeyId: world.a.memberKey, userId: world.member.id };
  for (const [index, model] of MODELS.entries()) {
    await world.addUsage({ ...ofOrg, hour: at("2026-03-13T10"), model, costUsd: `${index + 1}` });
  }
  await world.addUsage({
    ...ofMember,
    hour: at("2026-03-14T12"),
    model: "m1",
    requests: 3,
    errors: 1,
    costUsd: "0.000000000001",
    tags: ["x", "y"],
  });
  await world.addUsage({ ...ofMember, hour: at("2026-03-07T13"), costUsd: "4" });
  // Later than the same time a week before.
  await world.addUsage({ ...ofMember, hour: at("2026-03-07T14"), costUsd: "64" });
  await world.addUsage({
    hour: at("2026-03-14T12"),
    organizationId: world.b.id,
    apiKeyId: world.b.orgKey,
    model: "m6",
    requests: 9,
    costUsd: "100",
  });
});

const query = (groups: UsageGroup[], rest: Partial<NamedBreakdownQuery> = {}): NamedBreakdownQuery => ({
  days: daysOf("7d", "2026-03-14"),
  period: "7d",
  groups,
  filters: {},
  ...rest,
});
const breakdown = (actor: Actor, groups: UsageGroup[], rest?: Partial<NamedBreakdownQuery>) =>
  usageBreakdown(world.as(actor), query(groups, rest), NOW);

describe("the usage page", () => {
  test("has the groups of the report, by cost, with their exact sums", async () => {
    const { totals, table } = await breakdown(world.orgAdmin, ["user"]);
    expect(
      table.groups.map(({ group, name, costUsd, requests }) => [group, name, costUsd, requests]),
    ).toEqual([
      [null, null, "15", 5],
      [world.member.id, "member", "0.000000000001", 3],
    ]);
    expect(totals).toEqual({
      costUsd: "15.000000000001",
      requests: 8,
      errors: 1,
      inputTokens: 50,
      cachedTokens: 20,
      outputTokens: 10,
    });
  });

  test("has groups within groups", async () => {
    const { table } = await breakdown(world.orgAdmin, ["day", "model"]);
    expect(table.groups.map(({ group, costUsd }) => [group, costUsd])).toEqual([
      ["2026-03-14", "0.000000000001"],
      ["2026-03-13", "15"],
    ]);
    expect(table.groups[1]?.within.map(({ group }) => group)).toEqual(MODELS.toReversed());
  });

  test("compares with the days before until the same time", async () => {
    const { before } = await breakdown(world.orgAdmin, ["model"]);
    expect(before.totals.costUsd).toBe("4");
    expect(before).toMatchObject({ days: { first: "2026-03-01", last: "2026-03-07" }, isPart: true });
    const ended = await breakdown(world.orgAdmin, ["model"], {
      days: { first: "2026-03-08", last: "2026-03-13" },
      period: null,
    });
    expect(ended.before.totals.costUsd).toBe("68");
  });

  test("draws a bar for each day until today, of the most expensive models and the others", async () => {
    const { chart } = await breakdown(world.orgAdmin, ["user"]);
    expect(chart).toMatchObject({
      stackedBy: "model",
      series: ["m5", "m4", "m3", "m2"],
      hasOthers: true,
      isOpen: true,
      barHours: 24,
    });
    expect(chart.bars.map(({ start }) => start.slice(0, 10)).join()).toBe(
      "2026-03-08,2026-03-09,2026-03-10,2026-03-11,2026-03-12,2026-03-13,2026-03-14",
    );
    expect(chart.bars.at(-2)).toMatchObject({ figuresUsd: ["5", "4", "3", "2", "1"], totalUsd: "15" });
    expect(chart.bars.at(-1)).toMatchObject({
      figuresUsd: ["0", "0", "0", "0", "0.000000000001"],
      totalUsd: "0.000000000001",
    });
  });

  test("draws a bar for each hour of one day, until now", async () => {
    const { chart } = await breakdown(world.orgAdmin, ["provider"], {
      days: daysOf("today", "2026-03-14"),
      period: "today",
    });
    expect(chart).toMatchObject({ stackedBy: "provider", barHours: 1 });
    expect(chart.bars).toHaveLength(14);
    expect(chart.bars.at(-2)).toMatchObject({
      start: "2026-03-14T12:00:00.000Z",
      totalUsd: "0.000000000001",
    });
  });

  test("draws wider bars of longer times, which have every request", async () => {
    const { chart, totals } = await breakdown(world.orgAdmin, ["day", "model"], {
      days: { first: "2020-01-01", last: "2026-03-14" },
      period: null,
    });
    expect(chart.bars.map(({ start }) => start.slice(0, 10))).toEqual([
      "2026-03-07",
      "2026-03-08",
      "2026-03-09",
      "2026-03-10",
      "2026-03-11",
      "2026-03-12",
      "2026-03-13",
      "2026-03-14",
    ]);
    const year = await breakdown(world.orgAdmin, ["model"], {
      days: { first: "2025-04-01", last: "2026-03-14" },
      period: null,
    });
    expect(year.chart.barHours).toBe(168);
    for (const { bars } of [chart, year.chart]) {
      expect(bars.reduce((sum, bar) => sum + Number(bar.totalUsd), 0)).toBeCloseTo(Number(totals.costUsd), 9);
    }
  });

  test("counts a request with two tags once in the total", async () => {
    const { table, totals } = await breakdown(world.member, ["tag"]);
    expect(table.groups.map(({ group, requests }) => [group, requests])).toEqual([
      ["x", 3],
      ["y", 3],
    ]);
    expect(totals.requests).toBe(3);
  });

  test("sums up what is beyond a hundred groups", async () => {
    for (let index = 0; index < 110; index++) {
      await world.addUsage({
        hour: at("2026-02-01T00"),
        organizationId: world.b.id,
        apiKeyId: world.b.orgKey,
        model: `many-${String(index).padStart(3, "0")}`,
        costUsd: String(1000 - index),
      });
    }
    const days = { first: "2026-02-01", last: "2026-02-01" };
    const { table, totals } = await breakdown(world.orgAdminOfB, ["model"], { days, period: null });
    expect(table.groups).toHaveLength(100);
    expect(table.others).toMatchObject({ groups: 10, requests: 10, costUsd: "8955" });
    const within = await breakdown(world.orgAdminOfB, ["api_key", "model"], { days, period: null });
    expect(within.table.groups[0]).toMatchObject({ costUsd: totals.costUsd, requests: 110 });
    expect(within.table.groups[0]?.within).toHaveLength(100);
    expect(within.table.groups[0]?.othersWithin).toMatchObject({ groups: 10, costUsd: "8955" });
  });

  test("shows each actor the usage of their own scope, as the API does", async () => {
    const seen: [Actor, number][] = [
      [world.admin, 17],
      [world.orgAdmin, 8],
      [world.viewer, 8],
      [world.member, 3],
      [world.other, 0],
      [world.orgAdminOfB, 9],
      [world.stray, 0],
    ];
    for (const [actor, requests] of seen) {
      const { totals, before } = await breakdown(actor, ["model"]);
      expect([actor.name, totals.requests]).toEqual([actor.name, requests]);
      const { data } = await usageReport(world.as(actor), {
        from: "2026-03-08",
        to: "2026-03-15",
        group_by: "model",
      });
      expect(data.reduce((sum, row) => sum + row.requests, 0)).toBe(requests);
      if (actor === world.other) expect(before.totals.requests).toBe(0);
    }
  });

  test("has hours of callers for a week at most", async () => {
    const { table } = await breakdown(world.orgAdmin, ["user", "hour"]);
    expect(table.groups.length).toBeGreaterThan(0);
    const month = { days: daysOf("30d", "2026-03-14"), period: "30d" as const };
    await expect(breakdown(world.orgAdmin, ["user", "hour"], month)).rejects.toThrow("seven days at most");
    await expect(breakdown(world.orgAdmin, ["hour", "model"], month)).resolves.toBeDefined();
  });

  test("filters", async () => {
    const { totals } = await breakdown(world.orgAdmin, ["model"], { filters: { model: "m5" } });
    expect(totals.costUsd).toBe("5");
    const foreign = await breakdown(world.orgAdmin, ["model"], {
      filters: { organization_id: world.b.id },
    });
    expect(foreign.totals.requests).toBe(0);
  });

  test("has nothing to draw of days to come", async () => {
    const { chart, totals } = await breakdown(world.admin, ["model"], {
      days: { first: "2026-03-20", last: "2026-03-21" },
      period: null,
    });
    expect(totals.requests).toBe(0);
    expect(chart.bars.every(({ totalUsd }) => totalUsd === "0")).toBe(true);
  });
});

describe("the names of metadata", () => {
  test("are those of callers that the actor sees", async () => {
    const setOf = async (pairs: Record<string, string>) => {
      const id = randomUUID();
      await world.db.insert(metadataSets).values({ id, pairs });
      return id;
    };
    await world.addUsage({
      apiKeyId: world.a.memberKey,
      userId: world.member.id,
      metadataId: await setOf({ team: "search", cost_center: "1" }),
    });
    await world.addUsage({
      organizationId: world.b.id,
      apiKeyId: world.b.orgKey,
      metadataId: await setOf({ secret_project: "x" }),
    });
    const namesFor = (actor: Actor) => usedMetadataNames(world.as(actor));
    expect(await namesFor(world.admin)).toEqual(["cost_center", "secret_project", "team"]);
    expect(await namesFor(world.orgAdmin)).toEqual(["cost_center", "team"]);
    expect(await namesFor(world.member)).toEqual(["cost_center", "team"]);
    expect(await namesFor(world.other)).toEqual([]);
  });
});
