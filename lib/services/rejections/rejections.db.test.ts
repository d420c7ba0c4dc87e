import { describe, expect, test } from "vitest";
import type { World } from "#lib/services/testing/world";
import { deleteOldRejections } from "./delete-old-rejections";
import { listRejections } from "./list-rejections";
import { byMember, NOW, OVER_BUDGET, rejectionWorldOfFile } from "./testing/rejection-world";

const world = await rejectionWorldOfFile();

describe("rejections by the hour", () => {
  test("say who was rejected, why, how often, and with which message last", async () => {
    const { data } = await listRejections(world.as(world.admin), { user_id: world.member.id, limit: 1 });
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        hour: "2026-01-31T10:00:00.000Z",
        code: "invalid_request",
        ...byMember(world),
        count: 7,
        last_at: "2026-01-31T10:01:00.000Z",
        last_message: "2 hours ago",
        last_request_ids: [OVER_BUDGET.id],
      },
    ]);
  });

  test("page newest first", async () => {
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
  ])("can be filtered by %s", async (_, query, counts) => {
    const { data } = await listRejections(world.as(world.admin), query);
    expect(data.map(({ count }) => count)).toEqual(counts);
  });

  test("can be filtered by key, app and organization", async () => {
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
    ["a user without an organization: none", ({ stray }) => stray, []],
  ])("are visible to %s", async (_, of, counts) => {
    const { data } = await listRejections(world.as(of(world)));
    expect(data.map(({ count }) => count)).toEqual(counts);
    const other = await listRejections(world.as(of(world)), { organization_id: world.b.id });
    expect(other.data.map(({ count }) => count)).toEqual(counts.filter((count) => count === 2));
  });

  test.each([{ cursor: "x" }, { from: "yesterday" }, { organization_id: "x" }, { unknown: 1 }, { limit: 0 }])(
    "reject the query %j",
    async (query) => {
      await expect(listRejections(world.as(world.admin), query)).rejects.toMatchObject({ code: "invalid" });
    },
  );
});

test("deletes rejections older than the retention", async () => {
  expect(await deleteOldRejections(world.db, 90, NOW)).toBe(1);
  expect(await deleteOldRejections(world.db, 90, NOW)).toBe(0);
  const { data } = await listRejections(world.as(world.admin));
  expect(data.map(({ count }) => count)).toEqual([100, 2, 1, 7, 5]);
});
