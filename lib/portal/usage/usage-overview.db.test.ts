import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { worldOfFile } from "#lib/services/testing/world";
import { usageReport } from "#lib/services/usage/usage-report";
import { usageOverview } from "./usage-overview";
import { usageWindow } from "./usage-range";

const NOW = new Date("2026-03-14T13:45:00Z");
const hour = (iso: string) => new Date(`${iso}:00:00Z`);

const world = await worldOfFile();
beforeAll(async () => {
  const tokens = { inputTokens: 100, cachedTokens: 40, outputTokens: 20 };
  const ofOrg = { apiKeyId: world.a.orgKey, ...tokens };
  const ofMember = { apiKeyId: world.a.memberKey, userId: world.member.id, ...tokens };
  await world.addUsage({
    ...ofOrg,
    hour: hour("2026-03-14T13"),
    requests: 4,
    errors: 1,
    costUsd: "0.000000000001",
  });
  await world.addUsage({ ...ofOrg, hour: hour("2026-03-14T12"), requests: 2, costUsd: "0.2" });
  await world.addUsage({
    ...ofMember,
    hour: hour("2026-03-14T12"),
    model: "large",
    requests: 1,
    costUsd: "0.7",
  });
  await world.addUsage({ ...ofOrg, hour: hour("2026-03-13T14"), requests: 8, costUsd: "0.1" });
  // The first hour of the previous window, and the hour before it.
  await world.addUsage({ ...ofOrg, hour: hour("2026-03-12T14"), requests: 16, costUsd: "5" });
  await world.addUsage({ ...ofOrg, hour: hour("2026-03-12T13"), requests: 32, costUsd: "7" });
  await world.addUsage({
    hour: hour("2026-03-14T12"),
    organizationId: world.b.id,
    apiKeyId: world.b.orgKey,
    model: "b-model",
    requests: 64,
    costUsd: "100",
  });
});

const overview = (actor: Actor, range: "24h" | "7d" | "30d" = "24h") =>
  usageOverview(world.as(actor), { range }, NOW);

describe("the overview", () => {
  test("adds up the window and the one before exactly, edges included", async () => {
    const usage = await overview(world.orgAdmin);
    expect(usage.from).toBe("2026-03-13T14:00:00.000Z");
    expect(usage.to).toBe("2026-03-14T14:00:00.000Z");
    expect(usage.totals).toEqual({
      costUsd: "1.000000000001",
      requests: 15,
      errors: 1,
      inputTokens: 400,
      cachedTokens: 160,
      outputTokens: 80,
    });
    expect(usage.previous).toMatchObject({ costUsd: "5", requests: 16 });
  });

  test("has a bar for every step of time, empty ones too, which sum to the total", async () => {
    const { bars } = await overview(world.orgAdmin);
    expect(bars).toHaveLength(24);
    expect(bars[0]).toMatchObject({ start: "2026-03-13T14:00:00.000Z", requests: 8, costUsd: "0.1" });
    expect(bars[1]).toMatchObject({ requests: 0, costUsd: "0" });
    expect(bars.at(-1)).toMatchObject({ start: "2026-03-14T13:00:00.000Z", requests: 4, errors: 1 });
    expect(bars.reduce((sum, bar) => sum + bar.requests, 0)).toBe(15);
  });

  test("groups hours into wider bars that begin at UTC boundaries", async () => {
    const week = await overview(world.orgAdmin, "7d");
    expect(week.bars).toHaveLength(28);
    expect(week.bars.at(-1)).toMatchObject({ start: "2026-03-14T12:00:00.000Z", requests: 7 });
    const month = await overview(world.orgAdmin, "30d");
    expect(month.bars).toHaveLength(30);
    expect(month.bars.at(-1)).toMatchObject({ start: "2026-03-14T00:00:00.000Z", requests: 7 });
    expect(month.bars.at(-2)).toMatchObject({ start: "2026-03-13T00:00:00.000Z", requests: 8 });
  });

  test("ranks models and keys by cost, and splits each bar by the chart's models", async () => {
    const usage = await overview(world.orgAdmin);
    expect(usage.topModels.map((each) => [each.model, each.costUsd])).toEqual([
      ["large", "0.7"],
      ["small", "0.300000000001"],
    ]);
    expect(usage.chartModels).toEqual(["large", "small"]);
    expect(usage.bars.at(-2)).toMatchObject({ costByModelUsd: ["0.7", "0.2"], otherModelsUsd: "0" });
    expect(usage.topKeys).toEqual([
      {
        id: world.a.memberKey,
        name: "a-member",
        prefix: "tg_test_a-member",
        organizationName: "A",
        costUsd: "0.7",
        requests: 1,
      },
      {
        id: world.a.orgKey,
        name: "a-org",
        prefix: "tg_test_a-org",
        organizationName: "A",
        costUsd: "0.300000000001",
        requests: 14,
      },
    ]);
  });

  test("shows each actor the usage of their own scope", async () => {
    const seen = async (actor: Actor) => (await overview(actor)).totals.requests;
    expect(await seen(world.admin)).toBe(79);
    expect(await seen(world.orgAdmin)).toBe(15);
    expect(await seen(world.viewer)).toBe(15);
    expect(await seen(world.member)).toBe(1);
    expect(await seen(world.other)).toBe(0);
    expect(await seen(world.orgAdminOfB)).toBe(64);
    expect(await seen(world.stray)).toBe(0);
    expect((await overview(world.member)).topKeys.map((key) => key.name)).toEqual(["a-member"]);
  });

  test("compares with what a report has of the window before, for each range and actor", async () => {
    for (const [range, requests] of [
      ["24h", 16],
      ["7d", 0],
      ["30d", 0],
    ] as const) {
      const { previousFromMs, fromMs } = usageWindow(range, NOW);
      const window = { from: new Date(previousFromMs).toISOString(), to: new Date(fromMs).toISOString() };
      for (const actor of [world.admin, world.orgAdmin, world.member, world.orgAdminOfB, world.stray]) {
        const { previous } = await overview(actor, range);
        const { data } = await usageReport(world.as(actor), { ...window, group_by: "model" });
        expect(previous.requests).toBe(data.reduce((sum, row) => sum + row.requests, 0));
        if (actor === world.admin) expect(previous.requests).toBe(requests);
      }
    }
    const later = new Date("2026-03-20T13:45:00Z");
    const { totals, previous } = await usageOverview(world.as(world.orgAdmin), { range: "7d" }, later);
    expect([totals.requests, totals.costUsd]).toEqual([7, "0.900000000001"]);
    expect(previous).toMatchObject({ requests: 56, costUsd: "12.1" });
  });

  test("groups all but the four most expensive models as others", async () => {
    for (const [index, model] of ["m1", "m2", "m3", "m4", "m5"].entries()) {
      await world.addUsage({
        hour: hour("2026-02-01T00"),
        organizationId: world.b.id,
        model,
        costUsd: `${index + 1}`,
      });
    }
    const usage = await usageOverview(
      world.as(world.orgAdminOfB),
      { range: "24h" },
      new Date("2026-02-01T00:30:00Z"),
    );
    expect(usage.chartModels).toEqual(["m5", "m4", "m3", "m2"]);
    expect(usage.bars.at(-1)).toMatchObject({
      costByModelUsd: ["5", "4", "3", "2"],
      otherModelsUsd: "1",
      costUsd: "15",
    });
  });

  test("rejects an unknown range", async () => {
    const query: object = { range: "100y" };
    await expect(usageOverview(world.as(world.admin), query)).rejects.toMatchObject({ code: "invalid" });
  });
});
