import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import type { Period } from "#lib/db/schema/columns";
import { worldOfFile } from "#lib/services/testing/world";
import { scopeUsage } from "./scope-usage";

// A Wednesday.
const NOW = new Date("2026-03-18T13:45:00Z");
const hour = (iso: string) => new Date(`${iso}:00:00Z`);
const CREATED_AT = new Date("2026-01-05T10:00:00Z");

const world = await worldOfFile();
let userId: string;
let apiKeyId: string;
let appId: string;

const bucket = (scopeId: string, period: Period, start: string, spentUsd: string, heldUsd = "0") =>
  world.db.execute(sql`
    insert into counters (scope_type, scope_id, period, period_start, spent_usd, held_usd)
    values ('user', ${scopeId}, ${period}, ${start}, ${spentUsd}, ${heldUsd})`);

beforeAll(async () => {
  [userId, apiKeyId, appId] = [randomUUID(), randomUUID(), randomUUID()];
  const one = { userId, apiKeyId, inputTokens: 10, outputTokens: 1, costUsd: "0.000000000001" };
  for (const at of [
    "2026-03-18T13",
    "2026-03-18T00",
    "2026-03-17T23",
    "2026-03-16T00",
    "2026-03-15T23",
    "2026-03-01T00",
    "2026-02-28T23",
  ]) {
    await world.addUsage({ ...one, hour: hour(at) });
  }
  await world.addUsage({ ...one, userId: null, apiKeyId: null, appId, hour: hour("2026-03-18T13") });
  await world.addUsage({ ...one, organizationId: world.b.id, hour: hour("2026-03-18T13") });
});

const usageOf = (budgetPeriod: Period | null, budgetLimitUsd: string | null, id = userId) =>
  scopeUsage(
    world.db,
    "user",
    { id, organizationId: world.a.id, budgetPeriod, budgetLimitUsd, createdAt: CREATED_AT },
    NOW,
  );

describe("the usage of a scope", () => {
  test.each<[Period, string, string | null, number]>([
    ["day", "2026-03-18T00:00:00.000Z", "2026-03-19T00:00:00.000Z", 2],
    ["week", "2026-03-16T00:00:00.000Z", "2026-03-23T00:00:00.000Z", 4],
    ["month", "2026-03-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z", 6],
    ["total", CREATED_AT.toISOString(), null, 7],
  ])(
    "covers the running %s of its budget, in UTC, with weeks from Monday",
    async (period, start, end, requests) => {
      expect(await usageOf(period, "1.000000000000")).toEqual({
        period: { start, end },
        budget: { limit_usd: "1", spent_usd: "0", held_usd: "0", remaining_usd: "1" },
        requests,
        input_tokens: requests * 10,
        output_tokens: requests,
        cost_usd: `0.00000000000${requests}`,
      });
    },
  );

  test("covers the current month without a budget", async () => {
    expect(await usageOf(null, null)).toMatchObject({
      period: { start: "2026-03-01T00:00:00.000Z", end: "2026-04-01T00:00:00.000Z" },
      budget: null,
      requests: 6,
    });
  });

  test("reads the counter of that period only, adjustments included", async () => {
    await bucket(userId, "day", "2026-03-18", "0.25", "0.5");
    await bucket(userId, "day", "2026-03-17", "77");
    await bucket(userId, "total", "epoch", "88");
    expect((await usageOf("day", "1")).budget).toEqual({
      limit_usd: "1",
      spent_usd: "0.25",
      held_usd: "0.5",
      remaining_usd: "0.25",
    });
    expect((await usageOf("total", "100")).budget).toMatchObject({ spent_usd: "88", remaining_usd: "12" });
    expect((await usageOf("week", "100")).budget).toMatchObject({ spent_usd: "0", remaining_usd: "100" });
  });

  test("leaves zero after a limit was lowered, and more than the limit after a refund", async () => {
    expect((await usageOf("day", "0.1")).budget).toMatchObject({ limit_usd: "0.1", remaining_usd: "0" });
    expect((await usageOf("day", "0")).budget).toMatchObject({ limit_usd: "0", remaining_usd: "0" });
    const refunded = randomUUID();
    await bucket(refunded, "month", "2026-03-01", "-2.5");
    expect((await usageOf("month", "1", refunded)).budget).toMatchObject({
      spent_usd: "-2.5",
      remaining_usd: "3.5",
    });
  });

  test("separates organizations, users, keys and apps", async () => {
    const row = { budgetPeriod: null, budgetLimitUsd: null, createdAt: CREATED_AT };
    const requests = async (
      type: Parameters<typeof scopeUsage>[1],
      id: string,
      organizationId: string | null = world.a.id,
    ) => (await scopeUsage(world.db, type, { ...row, id, organizationId }, NOW)).requests;
    expect(await requests("organization", world.a.id)).toBe(7);
    expect(await requests("organization", world.b.id, world.b.id)).toBe(1);
    expect(await requests("user", userId)).toBe(6);
    expect(await requests("user", userId, world.b.id)).toBe(1);
    expect(await requests("user", userId, null)).toBe(0);
    expect(await requests("api_key", apiKeyId)).toBe(6);
    expect(await requests("api_key", apiKeyId, world.b.id)).toBe(1);
    expect(await requests("app", appId)).toBe(1);
    expect(await requests("user", apiKeyId)).toBe(0);
  });

  test("uses the database's clock by default", async () => {
    const { period } = await scopeUsage(world.db, "user", {
      id: userId,
      organizationId: world.a.id,
      budgetPeriod: null,
      budgetLimitUsd: null,
      createdAt: CREATED_AT,
    });
    expect(period.start.slice(0, 7)).toBe(new Date().toISOString().slice(0, 7));
  });
});
