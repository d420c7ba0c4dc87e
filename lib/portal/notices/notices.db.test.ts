import { beforeAll, describe, expect, test } from "vitest";
import { events } from "#lib/db/schema/events";
import { listNotices } from "#lib/services/notices/list-notices";
import { readNotices } from "#lib/services/notices/read-notices";
import { worldOfFile } from "#lib/services/testing/world";
import { noticePage } from "./notice-page";
import { NEWEST_COUNTED, unreadNotices } from "./unread-notices";

const world = await worldOfFile();
const unread = (actor = world.orgAdmin) => unreadNotices(world.as(actor));
const idsOf = async (actor = world.orgAdmin) =>
  (await listNotices(world.as(actor), { limit: 200 })).data.map(({ id }) => id);

/** Adds notices of the targets of an organization, or of the installation. */
const add = (amount: number, organizationId: string | null = world.a.id) =>
  world.db.insert(events).values(
    Array.from({ length: amount }, () => ({
      type: "target.down" as const,
      organizationId,
      data: { provider: "openai", upstream_model: "gpt-5" },
    })),
  );

describe("unread notices", () => {
  beforeAll(async () => {
    await add(3);
    await add(2, null);
  });

  test("are counted for each actor by what they are told of and have read", async () => {
    expect([await unread(), await unread(world.admin), await unread(world.orgAdminOfB)]).toEqual([3, 5, 0]);
    const [first = "", second = ""] = await idsOf();
    expect(await readNotices(world.as(world.orgAdmin), { ids: [first, second] })).toEqual({ read: 2 });
    expect(await readNotices(world.as(world.orgAdmin), { ids: [first] })).toEqual({ read: 0 });
    expect([await unread(), await unread(world.admin)]).toEqual([1, 5]);
  });

  test("of others are not marked", async () => {
    const ids = await idsOf(world.admin);
    expect(await readNotices(world.as(world.orgAdminOfB), { ids })).toEqual({ read: 0 });
    expect(await readNotices(world.as(world.orgAdmin), { ids })).toEqual({ read: 1 });
    expect([await unread(), await unread(world.admin)]).toEqual([0, 5]);
  });

  test("are counted among the newest only", async () => {
    await add(NEWEST_COUNTED + 5);
    expect(await unread()).toBe(NEWEST_COUNTED);
  });
});

test.each([
  [{ scope: { type: "app", id: "33333333-3333-4333-8333-333333333333", name: "x" } }, "/apps/"],
  [{ api_key_id: "33333333-3333-4333-8333-333333333333", user_id: null }, "/keys/"],
  [{ provider_id: "33333333-3333-4333-8333-333333333333" }, "/providers/"],
  [{ user_id: "33333333-3333-4333-8333-333333333333" }, "/users/"],
])("a notice about %j leads to its page", (data, page) => {
  expect(noticePage({ data })).toBe(`${page}33333333-3333-4333-8333-333333333333`);
});

test("a notice about a webhook, or of a form that is not known, leads nowhere", () => {
  expect(noticePage({ data: { webhook_id: "x", host: "example.com" } })).toBeNull();
  expect(noticePage({ data: { scope: "everything" } })).toBeNull();
});
