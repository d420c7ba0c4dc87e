import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { mayManageUser } from "#lib/services/users/user-access";
import { userFormOptions } from "./user-form-options";
import { userTable } from "./user-table";

const world = await worldOfFile();

describe("the table of users", () => {
  test("shows the organization and the spend of each user", async () => {
    await world.db.execute(sql`
      insert into counters (scope_type, scope_id, period, period_start, spent_usd)
      values ('user', ${world.member.id}, 'month', tollgate_period_start('month', now()), 1.25)`);
    const { data } = await userTable(world.as(world.admin), {});
    const row = (name: string) => data.find((user) => user.name === name);
    expect(row("member")).toMatchObject({ organization_name: "A", spent_usd: "1.25", held_usd: "0" });
    expect(row("org-admin-b")).toMatchObject({ organization_name: "B", spent_usd: "0" });
    expect(row("admin")).toMatchObject({ organization_name: null });
  });

  test("lists the users of the actor's organization, and only themselves for a member", async () => {
    const names = async (actor: World["admin"]) =>
      (await userTable(world.as(actor), {})).data.map(({ name }) => name).sort();
    expect(await names(world.orgAdminOfB)).toEqual(["org-admin-b"]);
    expect(await names(world.viewer)).toEqual(["member", "org-admin", "other", "viewer"]);
    expect(await names(world.member)).toEqual(["member"]);
  });
});

describe("the options of the user form", () => {
  test("offers administrators every role and organization", async () => {
    expect(await userFormOptions(world.as(world.admin))).toEqual({
      organizations: [
        { id: world.a.id, name: "A" },
        { id: world.b.id, name: "B" },
      ],
      roles: ["member", "viewer", "org_admin", "admin"],
      anyOrganization: true,
      models: ["large", "small"],
      passwords: true,
    });
  });

  test("offers an org_admin no higher role and no other organization", async () => {
    expect(await userFormOptions(world.as(world.orgAdmin))).toEqual({
      organizations: [{ id: world.a.id, name: "A" }],
      roles: ["member", "viewer", "org_admin"],
      anyOrganization: false,
      models: ["large", "small"],
      passwords: false,
    });
  });

  test("is not available to others", async () => {
    for (const actor of [world.member, world.viewer, world.stray]) {
      expect(await userFormOptions(world.as(actor))).toBeNull();
    }
  });
});

describe("who may change a user", () => {
  test("is an administrator, or an organization's admin where the user is none", () => {
    expect(mayManageUser(world.admin, { role: "admin" })).toBe(true);
    expect(mayManageUser(world.orgAdmin, { role: "org_admin" })).toBe(true);
    expect(mayManageUser(world.orgAdmin, { role: "admin" })).toBe(false);
    expect(mayManageUser(world.member, { role: "member" })).toBe(false);
    expect(mayManageUser(world.viewer, { role: "member" })).toBe(false);
  });
});
