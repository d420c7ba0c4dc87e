import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { organizations, users } from "#lib/db/schema/identity";
import { eventWorldOfFile } from "#lib/services/budgets/testing/budget-world";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { listNotices } from "./list-notices";
import { readNotice } from "./read-notice";

const world = await eventWorldOfFile();

const listed = async (actor: Actor, query = {}) => (await listNotices(world.as(actor), query)).data;

describe("the list of notices", () => {
  test("says what happened, in the fields of the contract", async () => {
    expect(await listed(world.orgAdminOfB)).toEqual([
      {
        id: expect.any(String),
        created_at: expect.stringMatching(/Z$/),
        type: "budget.threshold",
        organization_id: world.b.id,
        user_id: null,
        message: 'The organization "B" has spent 50 % of its budget of $10 a month: $5.',
        data: expect.objectContaining({ limit_usd: "10", spent_usd: "5" }),
        read_at: null,
      },
    ]);
  });

  test("shows each actor what concerns them, newest first and in pages", async () => {
    expect(await listed(world.admin)).toHaveLength(5);
    expect(await listed(world.orgAdmin)).toHaveLength(4);
    expect(await listed(world.viewer)).toHaveLength(4);
    // Their own budget and that of their key.
    const own = await listed(world.member);
    expect(own.map(({ user_id }) => user_id)).toEqual([world.member.id, world.member.id]);
    expect(await listed(world.stray)).toEqual([]);
    const first = await listNotices(world.as(world.admin), { limit: 2 });
    const second = await listNotices(world.as(world.admin), { limit: 3, cursor: first.next_cursor ?? "" });
    expect([...first.data, ...second.data]).toEqual(await listed(world.admin));
  });

  test("filters by organization and type", async () => {
    expect(await listed(world.admin, { organization_id: world.b.id })).toHaveLength(1);
    expect(await listed(world.admin, { type: "key.expiring" })).toEqual([]);
  });

  test("has one notice per scope, threshold and period", async () => {
    await world.limit(organizations, world.b.id, "8", 50);
    await world.raise();
    await world.limit(users, world.member.id, "0.5", 50);
    await world.raise();
    expect(await listed(world.orgAdminOfB)).toHaveLength(1);
    // The limit of 0.5 is reached, too: another threshold.
    expect((await listed(world.member)).map(({ type }) => type).sort()).toEqual([
      "budget.exhausted",
      "budget.threshold",
      "budget.threshold",
    ]);
  });
});

describe("reading a notice", () => {
  test("marks it for the reader alone, and keeps the first time", async () => {
    const [notice] = await listed(world.orgAdminOfB);
    const id = notice?.id ?? "";
    const read = await readNotice(world.as(world.orgAdminOfB), { id });
    expect(read).toEqual({ ...notice, read_at: expect.stringMatching(/Z$/) });
    expect(await readNotice(world.as(world.orgAdminOfB), { id })).toEqual(read);
    expect(await listed(world.orgAdminOfB, { unread: "true" })).toEqual([]);
    expect(await listed(world.orgAdminOfB)).toEqual([read]);
    expect(await listed(world.admin, { unread: "true" })).toHaveLength(5);
  });

  test("is not found where the reader is not told of it", async () => {
    const [notice] = await listed(world.orgAdminOfB);
    for (const id of [notice?.id ?? "", UNKNOWN_ID]) {
      await expect(readNotice(world.as(world.orgAdmin), { id })).rejects.toMatchObject({ code: "not_found" });
      await expect(readNotice(world.as(world.member), { id })).rejects.toMatchObject({ code: "not_found" });
    }
  });
});
