import { beforeAll, describe, expect, test } from "vitest";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { syncExpiry } from "#lib/services/users/sync-expiry";
import { updateUser } from "#lib/services/users/update-user";
import { auditFilterOptions } from "./audit-filter-options";
import { auditTable } from "./audit-table";

const world = await worldOfFile();
beforeAll(async () => {
  const { id } = world.member;
  await updateUser(world.as(world.orgAdmin), { id, payment_valid_until: "2001-01-01", name: "renamed" });
  await syncExpiry(world.as(world.admin), { id });
  await updateUser(world.as(world.orgAdmin), { id, name: "member" });
  await updateUser(world.as(world.orgAdminOfB), { id: world.orgAdminOfB.id, name: "their own" });
});

describe("the table of the audit log", () => {
  test("shows the name of the subject at that time, or the current one if none was recorded", async () => {
    const { data } = await auditTable(world.as(world.admin), { subject_id: world.member.id });
    expect(data.map(({ action, subject_name }) => [action, subject_name])).toEqual([
      ["user.update", "member"],
      ["user.payment_expired", "member"],
      ["user.update", "renamed"],
    ]);
  });

  test("lists the actor's organization only, and rejects members and viewers", async () => {
    const { data } = await auditTable(world.as(world.orgAdminOfB), {});
    expect(data.map(({ subject_name }) => subject_name)).toEqual(["their own"]);
    for (const actor of [world.member, world.viewer])
      await expectForbidden(() => auditTable(world.as(actor), {}));
  });
});

describe("the filters of the audit log", () => {
  test("offer the values of its entries", async () => {
    expect(await auditFilterOptions(world.as(world.orgAdmin))).toEqual({
      actions: ["user.payment_expired", "user.update"],
      subjectTypes: ["user"],
      actors: [
        { id: world.admin.id, name: "admin" },
        { id: world.orgAdmin.id, name: "org-admin" },
      ],
    });
  });

  test("leave out other organizations, and reject members and viewers", async () => {
    expect(await auditFilterOptions(world.as(world.orgAdminOfB))).toMatchObject({
      actors: [{ id: world.orgAdminOfB.id }],
    });
    for (const actor of [world.member, world.viewer])
      await expectForbidden(() => auditFilterOptions(world.as(actor)));
  });
});
