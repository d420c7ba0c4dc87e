import { beforeAll, describe, expect, test } from "vitest";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { dailyUsage } from "./daily-usage";

const NOW = new Date("2026-03-14T15:00:00Z");
const at = (hour: string) => new Date(`${hour}:00:00Z`);

const world = await worldOfFile();
beforeAll(async () => {
  await world.addUsage({ hour: at("2026-03-14T14"), costUsd: "0.5", requests: 2, errors: 1 });
  await world.addUsage({ hour: at("2026-03-14T02"), costUsd: "0.000000000001", userId: world.member.id });
  await world.addUsage({ hour: at("2026-02-13T00"), costUsd: "4" });
  await world.addUsage({ hour: at("2026-02-12T23"), costUsd: "100" });
  await world.addUsage({ hour: at("2026-03-14T14"), costUsd: "9", organizationId: world.b.id });
});

describe("usage by day", () => {
  test("covers the last 30 UTC days, today and days without usage included", async () => {
    const days = await dailyUsage(world.as(world.admin), { organization_id: world.a.id }, NOW);
    expect(days).toHaveLength(30);
    expect(days[0]).toEqual({ day: "2026-02-13", requests: 1, errors: 0, cost_usd: "4" });
    expect(days[1]).toEqual({ day: "2026-02-14", requests: 0, errors: 0, cost_usd: "0" });
    expect(days[29]).toEqual({ day: "2026-03-14", requests: 3, errors: 1, cost_usd: "0.500000000001" });
  });

  test("counts only what the actor may see of the scope", async () => {
    const today = async (actor: World["admin"], scope: Parameters<typeof dailyUsage>[1]) =>
      (await dailyUsage(world.as(actor), scope, NOW))[29]?.cost_usd;
    expect(await today(world.member, { user_id: world.member.id })).toBe("0.000000000001");
    expect(await today(world.orgAdmin, { organization_id: world.b.id })).toBe("0");
  });
});
