import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { expectForbidden, expectInvalid } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { listAuditLog } from "./list-audit-log";
import { recordAudit } from "./record-audit";

const world = await worldOfFile();
beforeAll(async () => {
  const write = (actor: Actor, action: string, subjectId: string, organizationId: string | null) =>
    world.db.transaction((tx) =>
      recordAudit(tx, world.as(actor), {
        action,
        subjectType: action.startsWith("user") ? "user" : "api_key",
        subjectId,
        organizationId,
        before: action.endsWith("create") ? undefined : { name: "old", tags: [1] },
        after: action.endsWith("delete") ? undefined : { name: "new" },
      }),
    );
  await write(world.admin, "api_key.create", "k1", world.a.id);
  await write(world.orgAdmin, "api_key.update", "k1", world.a.id);
  await write(world.orgAdminOfB, "user.create", "u1", world.b.id);
  await write(world.admin, "user.delete", "u2", null);
});

const list = (actor: Actor, query = {}) => listAuditLog(world.as(actor), query);
const seen = async (actor: Actor, query = {}) =>
  (await list(actor, query)).data.map(({ action, subject_id: id }) => `${action} ${id}`);

describe("the audit log", () => {
  test("has actor, action, subject, before, after and address", async () => {
    const { data } = await list(world.admin, { action: "api_key.update" });
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        actor: { id: world.orgAdmin.id, name: "org-admin" },
        action: "api_key.update",
        subject_type: "api_key",
        subject_id: "k1",
        organization_id: world.a.id,
        before: { name: "old", tags: [1] },
        after: { name: "new" },
        ip: "192.0.2.7",
      },
    ]);
  });

  test("shows administrators all entries, newest first, and an org_admin their organization's", async () => {
    expect(await seen(world.admin)).toEqual([
      "user.delete u2",
      "user.create u1",
      "api_key.update k1",
      "api_key.create k1",
    ]);
    expect(await seen(world.orgAdmin)).toEqual(["api_key.update k1", "api_key.create k1"]);
    expect(await seen(world.orgAdminOfB)).toEqual(["user.create u1"]);
    expect(await seen(world.orgAdmin, { organization_id: world.b.id })).toEqual([]);
  });

  test("is forbidden to members and viewers", async () => {
    for (const actor of [world.member, world.viewer, world.stray]) {
      await expectForbidden(() => list(actor));
    }
  });

  test("filters by each field", async () => {
    expect(await seen(world.admin, { organization_id: world.b.id })).toEqual(["user.create u1"]);
    expect(await seen(world.admin, { actor_id: world.orgAdmin.id })).toEqual(["api_key.update k1"]);
    expect(await seen(world.admin, { action: "user.delete" })).toEqual(["user.delete u2"]);
    expect(await seen(world.admin, { subject_type: "user" })).toEqual(["user.delete u2", "user.create u1"]);
    expect(await seen(world.admin, { subject_id: "k1", action: "api_key.create" })).toEqual([
      "api_key.create k1",
    ]);
  });

  test("filters by time, from inclusive, to exclusive", async () => {
    const minute = (offset: number) => new Date(Date.now() + offset * 60_000).toISOString();
    expect(await seen(world.admin, { from: minute(-1), to: minute(1) })).toHaveLength(4);
    expect(await seen(world.admin, { from: minute(1) })).toEqual([]);
    expect(await seen(world.admin, { to: minute(-1) })).toEqual([]);
  });

  test("pages without gaps or repetitions", async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(world.admin, { limit: 1, cursor });
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(new Set(ids).size).toBe(4);
    expect(ids).toEqual((await list(world.admin)).data.map(({ id }) => id));
  });

  test.each<[string, object]>([
    ["cursor", { cursor: "1; drop table audit_log" }],
    ["cursor", { cursor: "9".repeat(30) }],
    ["limit", { limit: 201 }],
    ["from", { from: "yesterday" }],
    ["organization_id", { organization_id: "x" }],
    ["before", { before: "x" }],
  ])("rejects an invalid %s: %j", async (field, query) => {
    await expectInvalid(() => list(world.admin, query), field);
  });
});
