import { expect, test } from "vitest";
import { NOW, OVER_BUDGET, rejectionWorldOfFile } from "#lib/services/rejections/testing/rejection-world";
import type { World } from "#lib/services/testing/world";
import { summarizeRejections } from "./summarize-rejections";

const world = await rejectionWorldOfFile();

test("adds up the hours, the most frequent first, with the last message", async () => {
  const summary = await summarizeRejections(world.as(world.admin), { range: "7d" }, NOW);
  expect(summary.total).toBe(115);
  expect(summary.byCode).toEqual([
    { code: "invalid_api_key", count: 100 },
    { code: "invalid_request", count: 12 },
    { code: "rate_limit_exceeded", count: 3 },
  ]);
  expect(summary.groups.map(({ code, count, key_prefix }) => [code, count, key_prefix])).toEqual([
    ["invalid_api_key", 100, "tg_live_abcd"],
    ["invalid_request", 12, "tg_test_a-member"],
    ["rate_limit_exceeded", 2, "tg_test_b-org"],
    ["rate_limit_exceeded", 1, "tg_test_a-org"],
  ]);
  expect(summary.groups[1]).toMatchObject({
    user_name: "member",
    last_at: "2026-01-31T12:01:00.000Z",
    last_message: "0 hours ago",
    last_requests: [
      {
        id: OVER_BUDGET.id,
        at: "2026-01-31T10:01:00.000Z",
        message: OVER_BUDGET.message,
        budget: OVER_BUDGET.budget,
        user_name: "member",
      },
    ],
  });
  expect(summary.groups.map(({ last_requests }) => last_requests.length)).toEqual([0, 1, 0, 1]);
});

test("counts every reason, also when filtered by one", async () => {
  const summary = await summarizeRejections(
    world.as(world.admin),
    { range: "30d", code: "rate_limit_exceeded" },
    NOW,
  );
  expect([summary.total, summary.groups.length, summary.byCode.length]).toEqual([3, 2, 3]);
});

test("counts what the actor may see, within the range", async () => {
  const total = async (actor: World["admin"], range: "1h" | "24h" | "7d") =>
    (await summarizeRejections(world.as(actor), { range }, NOW)).total;
  expect(await total(world.orgAdmin, "24h")).toBe(13);
  expect(await total(world.member, "24h")).toBe(12);
  expect(await total(world.member, "1h")).toBe(5);
  expect(await total(world.orgAdminOfB, "24h")).toBe(0);
  expect(await total(world.orgAdminOfB, "7d")).toBe(2);
});
