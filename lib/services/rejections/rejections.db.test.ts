import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { summarizeRejections } from "#lib/portal/rejections/summarize-rejections";
import { createWorld, type World } from "#lib/services/testing/world";
import { forgetOldRejections } from "./forget-old-rejections";
import { listRejections } from "./list-rejections";

const HOUR_MS = 3_600_000;
const NOW = new Date("2026-01-31T12:30:00Z");
let world: World;

type Row = Partial<typeof rejectionsHourly.$inferInsert>;
const hoursAgo = (hours: number) => new Date(Math.floor(NOW.getTime() / HOUR_MS - hours) * HOUR_MS);

async function add(hours: number, rejections: number, row: Row = {}) {
  const hour = hoursAgo(hours);
  await world.db.insert(rejectionsHourly).values({
    hour,
    code: "invalid_request",
    rejections,
    lastAt: new Date(hour.getTime() + 60_000),
    lastMessage: `${hours} hours ago`,
    ...row,
  });
}

beforeAll(async () => {
  world = await createWorld();
  const { a, b, member } = world;
  await add(0, 5, { organizationId: a.id, userId: member.id, apiKeyId: a.memberKey, model: "small" });
  await add(2, 7, { organizationId: a.id, userId: member.id, apiKeyId: a.memberKey, model: "small" });
  await add(3, 1, { organizationId: a.id, apiKeyId: a.orgKey, code: "rate_limit_exceeded" });
  await add(30, 2, { organizationId: b.id, apiKeyId: b.orgKey, code: "rate_limit_exceeded" });
  await add(50, 100, { code: "invalid_api_key", keyPrefix: "tg_live_abcd" });
  await add(24 * 100, 9, { code: "invalid_api_key" });
});
afterAll(() => world.drop());

describe("the rejections by the hour", () => {
  test("say who was refused, why, how often and what was told last", async () => {
    const { data } = await listRejections(world.as(world.admin), { user_id: world.member.id, limit: 1 });
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        hour: "2026-01-31T10:00:00.000Z",
        code: "invalid_request",
        organization_id: world.a.id,
        organization_name: "A",
        user_id: world.member.id,
        user_name: "member",
        api_key_id: world.a.memberKey,
        api_key_name: "a-member",
        key_prefix: "tg_test_a-member",
        app_id: null,
        app_name: null,
        model: "small",
        count: 7,
        last_at: "2026-01-31T10:01:00.000Z",
        last_message: "2 hours ago",
      },
    ]);
  });

  test("are shown page by page, newest first", async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRejections(world.as(world.admin), { limit: 4, cursor });
      seen.push(...page.data.map(({ count }) => count));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual([9, 100, 2, 1, 7, 5]);
  });

  test.each<[string, Parameters<typeof listRejections>[1], number[]]>([
    ["a time", { from: "2026-01-31T09:00:00Z", to: "2026-01-31T12:00:00Z" }, [1, 7]],
    ["a reason", { code: "invalid_api_key" }, [9, 100]],
  ])("of %s", async (_, query, counts) => {
    const { data } = await listRejections(world.as(world.admin), query);
    expect(data.map(({ count }) => count)).toEqual(counts);
  });

  test("of a key, an organization", async () => {
    const counts = async (query: Parameters<typeof listRejections>[1]) =>
      (await listRejections(world.as(world.admin), query)).data.map(({ count }) => count);
    expect(await counts({ api_key_id: world.a.orgKey })).toEqual([1]);
    expect(await counts({ organization_id: world.b.id })).toEqual([2]);
    expect(await counts({ app_id: world.b.id })).toEqual([]);
  });

  test.each<[string, (w: World) => World["admin"], number[]]>([
    ["an org_admin: their organization's", ({ orgAdmin }) => orgAdmin, [1, 7, 5]],
    ["a viewer: their organization's", ({ viewer }) => viewer, [1, 7, 5]],
    ["a member: their own", ({ member }) => member, [7, 5]],
    ["another member: none", ({ other }) => other, []],
    ["another organization's admin: theirs", ({ orgAdminOfB }) => orgAdminOfB, [2]],
    ["who belongs nowhere: none", ({ stray }) => stray, []],
  ])("show to %s", async (_, of, counts) => {
    const { data } = await listRejections(world.as(of(world)));
    expect(data.map(({ count }) => count)).toEqual(counts);
    const other = await listRejections(world.as(of(world)), { organization_id: world.b.id });
    expect(other.data.map(({ count }) => count)).toEqual(counts.filter((count) => count === 2));
  });

  test.each([{ cursor: "x" }, { from: "yesterday" }, { organization_id: "x" }, { unknown: 1 }, { limit: 0 }])(
    "refuse %j",
    async (query) => {
      await expect(listRejections(world.as(world.admin), query)).rejects.toMatchObject({ code: "invalid" });
    },
  );
});

describe("their sum over a time", () => {
  test("adds the hours up, the most frequent first, with what was told last", async () => {
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
    });
  });

  test("of one reason still says how often the others were", async () => {
    const summary = await summarizeRejections(
      world.as(world.admin),
      { range: "30d", code: "rate_limit_exceeded" },
      NOW,
    );
    expect([summary.total, summary.groups.length, summary.byCode.length]).toEqual([3, 2, 3]);
  });

  test("is of what the actor may see, and of the time alone", async () => {
    const total = async (actor: World["admin"], range: "1h" | "24h" | "7d") =>
      (await summarizeRejections(world.as(actor), { range }, NOW)).total;
    expect(await total(world.orgAdmin, "24h")).toBe(13);
    expect(await total(world.member, "24h")).toBe(12);
    expect(await total(world.member, "1h")).toBe(5);
    expect(await total(world.orgAdminOfB, "24h")).toBe(0);
    expect(await total(world.orgAdminOfB, "7d")).toBe(2);
  });
});

test("what is older than the ledger is kept for is forgotten", async () => {
  expect(await forgetOldRejections(world.db, 90, NOW)).toBe(1);
  expect(await forgetOldRejections(world.db, 90, NOW)).toBe(0);
  const { data } = await listRejections(world.as(world.admin));
  expect(data.map(({ count }) => count)).toEqual([100, 2, 1, 7, 5]);
});
