import { randomBytes } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { adminTokens, apiKeys, apps, auditLog, organizations, users } from "#lib/db/schema/identity";
import { createWorld, type World } from "#lib/services/testing/world";
import { createOrganization } from "./create-organization";
import { deleteOrganization } from "./delete-organization";
import { getOrganization } from "./get-organization";
import { listOrganizationUsers } from "./list-organization-users";
import { listOrganizations } from "./list-organizations";
import { organizationUsage } from "./organization-usage";
import { resumeOrganization, suspendOrganization } from "./suspend-organization";
import { updateOrganization } from "./update-organization";

const NOWHERE = "00000000-0000-4000-8000-000000000000";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.drop());

const token = (role: Role, organizationId: string | null): Actor => ({
  kind: "token",
  id: `token-${role}`,
  name: "script",
  role,
  organizationId,
});
const auditOf = (subjectId: string) =>
  world.db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(asc(auditLog.id));
const make = (name: string) => createOrganization(world.as(world.admin), { name });
const namesFor = async (actor: Actor, query = {}) =>
  (await listOrganizations(world.as(actor), { limit: 200, ...query })).data.map(({ name }) => name).sort();

describe("creating an organization", () => {
  test("answers what the contract shows, keeps it, and audits it", async () => {
    const made = await createOrganization(world.as(world.admin), {
      name: "  Acme ",
      budget: { limit_usd: "100.50", period: "month", soft_limit_percent: 80 },
      rate_limits: {
        requests_per_minute: 60,
        max_concurrent: 5,
        windows: [{ requests: 100, seconds: 3600 }],
      },
      failure_mode: "fail_open",
      fail_open_allowance_usd: "5.0",
      on_hang_up: "drain",
    });
    expect(made).toEqual({
      id: expect.any(String),
      name: "Acme",
      status: "active",
      budget: { limit_usd: "100.5", period: "month", soft_limit_percent: 80 },
      rate_limits: {
        requests_per_minute: 60,
        max_concurrent: 5,
        windows: [{ requests: 100, seconds: 3600 }],
      },
      failure_mode: "fail_open",
      fail_open_allowance_usd: "5",
      on_hang_up: "drain",
      suspended_at: null,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await getOrganization(world.as(world.admin), { id: made.id })).toEqual(made);
    const audit = await auditOf(made.id);
    expect(audit).toMatchObject([
      {
        action: "organization.create",
        subjectType: "organization",
        actorId: world.admin.id,
        organizationId: made.id,
        before: null,
        after: made,
        ip: "192.0.2.7",
      },
    ]);
  });

  test("has nothing limited and fails closed where nothing is said", async () => {
    expect(await make("Plain")).toMatchObject({
      budget: null,
      rate_limits: null,
      failure_mode: "fail_closed",
      fail_open_allowance_usd: null,
      on_hang_up: "abort",
    });
  });

  test("is an administrator's right, also by a token", async () => {
    await createOrganization(world.as(token("admin", null)), { name: "By token" });
    for (const actor of [world.orgAdmin, world.viewer, world.member, token("org_admin", world.a.id)]) {
      await expect(createOrganization(world.as(actor), { name: "no" })).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  });

  test("takes a name once", async () => {
    await make("Once");
    await expect(make("Once")).rejects.toMatchObject({
      code: "conflict",
      fields: { name: expect.any(String) },
    });
  });

  test.each([
    ["no name", { name: undefined }, "name"],
    ["an empty name", { name: " " }, "name"],
    ["a name of half a character", { name: "a\ud800" }, "name"],
    ["a field that is not there", { budgets: null }, "budgets"],
    ["a budget in floats", { budget: { limit_usd: 1.5, period: "month" } }, "budget.limit_usd"],
    ["a negative budget", { budget: { limit_usd: "-1", period: "month" } }, "budget.limit_usd"],
    ["a budget of a year", { budget: { limit_usd: "1", period: "year" } }, "budget.period"],
    ["an unknown failure mode", { failure_mode: "maybe" }, "failure_mode"],
  ])("refuses %s and names the field", async (_what, input: object, field) => {
    const refused = createOrganization(world.as(world.admin), { name: "x", ...input });
    await expect(refused).rejects.toMatchObject({
      code: "invalid",
      fields: { [field]: expect.any(String) },
    });
  });
});

describe("reading organizations", () => {
  test("shows administrators all, an organization's people theirs, a member and a stray none", async () => {
    expect(await namesFor(world.admin)).toEqual(expect.arrayContaining(["A", "B"]));
    for (const actor of [world.orgAdmin, world.viewer, token("viewer", world.a.id)]) {
      expect(await namesFor(actor)).toEqual(["A"]);
    }
    expect(await namesFor(world.orgAdminOfB)).toEqual(["B"]);
    expect(await namesFor(world.member)).toEqual([]);
    expect(await namesFor(world.stray)).toEqual([]);
  });

  test("makes another organization look as if there were none, by every verb", async () => {
    const verbs: ((id: string, actor: Actor) => Promise<unknown>)[] = [
      (id, actor) => getOrganization(world.as(actor), { id }),
      (id, actor) => updateOrganization(world.as(actor), { id, name: "mine now" }),
      (id, actor) => suspendOrganization(world.as(actor), { id }),
      (id, actor) => resumeOrganization(world.as(actor), { id }),
      (id, actor) => deleteOrganization(world.as(actor), { id }),
      (id, actor) => organizationUsage(world.as(actor), { id }),
      (id, actor) => listOrganizationUsers(world.as(actor), { id }),
    ];
    for (const verb of verbs) {
      const missing = await verb(NOWHERE, world.orgAdmin).catch(String);
      expect(missing).toContain("Organization not found.");
      expect(await verb(world.b.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb("not-an-id", world.orgAdmin).catch(String)).toBe(missing);
      for (const actor of [world.member, world.stray]) {
        const foreign = await verb(world.a.id, actor).catch(String);
        expect(foreign).toBe(await verb(NOWHERE, actor).catch(String));
        expect(foreign).toMatch(/Organization not found|needs at least the role/);
      }
    }
  });

  test("finds by a part of the name, and takes % for what it is", async () => {
    await make("Percent 100%");
    expect(await namesFor(world.admin, { search: "PERCENT" })).toEqual(["Percent 100%"]);
    expect(await namesFor(world.admin, { search: "0%" })).toEqual(["Percent 100%"]);
    expect(await namesFor(world.admin, { search: "_" })).toEqual([]);
  });

  test("pages newest first, through rows that are deleted and added meanwhile", async () => {
    for (const name of ["page 1", "page 2", "page 3", "page 4"]) await make(name);
    const first = await listOrganizations(world.as(world.admin), { limit: 2, search: "page " });
    expect(first.data.map(({ name }) => name)).toEqual(["page 4", "page 3"]);
    for (const { id } of first.data) await deleteOrganization(world.as(world.admin), { id });
    await make("page 5");
    const second = await listOrganizations(world.as(world.admin), {
      limit: 2,
      search: "page ",
      cursor: first.next_cursor ?? "",
    });
    expect(second).toMatchObject({ data: [{ name: "page 2" }, { name: "page 1" }], next_cursor: null });
  });

  test("refuses a cursor that is none, and a page too long", async () => {
    for (const query of [{ cursor: "1; drop table users" }, { limit: 201 }, { limit: 0 }]) {
      await expect(listOrganizations(world.as(world.admin), query)).rejects.toMatchObject({
        code: "invalid",
      });
    }
  });

  test("lists an organization's users to those who see it", async () => {
    for (const actor of [world.admin, world.orgAdmin, world.viewer]) {
      const page = await listOrganizationUsers(world.as(actor), { id: world.a.id });
      expect(page.data.map(({ name }) => name).sort()).toEqual(["member", "org-admin", "other", "viewer"]);
    }
  });
});

describe("changing an organization", () => {
  test("changes what is given, removes what is null, leaves the rest, and audits both sides", async () => {
    const made = await createOrganization(world.as(world.admin), {
      name: "To change",
      budget: { limit_usd: "10", period: "day" },
      rate_limits: { tokens_per_minute: 1000, max_concurrent: 3 },
      fail_open_allowance_usd: "1",
    });
    const changed = await updateOrganization(world.as(world.admin), {
      id: made.id,
      budget: null,
      fail_open_allowance_usd: null,
      failure_mode: "fail_open",
      on_hang_up: "drain",
    });
    expect(changed).toEqual({
      ...made,
      budget: null,
      fail_open_allowance_usd: null,
      failure_mode: "fail_open",
      on_hang_up: "drain",
    });
    expect(await getOrganization(world.as(world.admin), { id: made.id })).toEqual(changed);
    const audit = await auditOf(made.id);
    expect(audit[1]).toMatchObject({ action: "organization.update", before: made, after: changed });
    const blocked = await updateOrganization(world.as(world.admin), {
      id: made.id,
      budget: { limit_usd: "0", period: "total" },
      rate_limits: null,
    });
    expect(blocked).toMatchObject({ budget: { limit_usd: "0", period: "total" }, rate_limits: null });
  });

  test("raises the version that the hold compares, and writes nothing where nothing changes", async () => {
    const { id } = await createOrganization(world.as(world.admin), {
      name: "Same",
      budget: { limit_usd: "12.5", period: "week" },
    });
    const version = async () =>
      (
        await world.db
          .select({ v: organizations.version })
          .from(organizations)
          .where(eq(organizations.id, id))
      )[0]?.v;
    await updateOrganization(world.as(world.admin), {
      id,
      name: "Same",
      budget: { limit_usd: "12.500", period: "week" },
    });
    await updateOrganization(world.as(world.admin), { id });
    expect([await version(), (await auditOf(id)).length]).toEqual([1, 1]);
    await updateOrganization(world.as(world.admin), { id, name: "Other" });
    expect([await version(), (await auditOf(id)).length]).toEqual([2, 2]);
  });

  test("lets an org_admin rename its own and nothing that costs the house money", async () => {
    const ctx = world.as(world.orgAdmin);
    const id = world.a.id;
    expect(await updateOrganization(ctx, { id, name: "A renamed" })).toMatchObject({ name: "A renamed" });
    await updateOrganization(ctx, { id, name: "A" });
    for (const change of [
      { budget: { limit_usd: "1000", period: "month" as const } },
      { budget: null },
      { rate_limits: { requests_per_minute: 9 } },
      { rate_limits: null },
      { failure_mode: "fail_open" as const },
      { fail_open_allowance_usd: "9" },
      { on_hang_up: "drain" as const },
    ]) {
      await expect(updateOrganization(ctx, { id, name: "A", ...change })).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("rename"),
      });
    }
    await expect(updateOrganization(world.as(world.viewer), { id, name: "x" })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("refuses a name that is taken, and the fields that are not for changing", async () => {
    const { id } = await make("Wants B");
    await expect(updateOrganization(world.as(world.admin), { id, name: "B" })).rejects.toMatchObject({
      code: "conflict",
    });
    const stray: object = { suspended_at: null };
    await expect(updateOrganization(world.as(world.admin), { id, ...stray })).rejects.toMatchObject({
      code: "invalid",
      fields: { suspended_at: expect.any(String) },
    });
  });
});

describe("suspending an organization", () => {
  test("and resuming it are audited once each, however often they are done", async () => {
    const { id } = await make("Suspect");
    const ctx = world.as(world.admin);
    const first = await suspendOrganization(ctx, { id });
    expect(first).toMatchObject({ status: "suspended", suspended_at: expect.any(String) });
    expect(await suspendOrganization(ctx, { id })).toEqual(first);
    expect(await resumeOrganization(ctx, { id })).toMatchObject({ status: "active", suspended_at: null });
    await resumeOrganization(ctx, { id });
    expect((await auditOf(id)).map(({ action }) => action)).toEqual([
      "organization.create",
      "organization.suspend",
      "organization.resume",
    ]);
  });

  test("is an administrator's right", async () => {
    for (const verb of [suspendOrganization, resumeOrganization]) {
      for (const actor of [world.orgAdmin, world.viewer]) {
        await expect(verb(world.as(actor), { id: world.a.id })).rejects.toMatchObject({ code: "forbidden" });
      }
    }
  });
});

describe("deleting an organization", () => {
  test("is refused while it has users, and says so", async () => {
    await expect(deleteOrganization(world.as(world.admin), { id: world.a.id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("4 users"),
    });
    expect(await world.db.$count(users, eq(users.organizationId, world.a.id))).toBe(4);
  });

  test("takes keys, apps and admin tokens along, and leaves the ledger and the audit log", async () => {
    const { id } = await make("Doomed");
    const base = { organizationId: id, name: "x" };
    const [key] = await world.db
      .insert(apiKeys)
      .values({ ...base, keyHash: randomBytes(32), keyPrefix: "tg_test_x" })
      .returning();
    await world.db.insert(apps).values({ ...base, secretHash: randomBytes(32) });
    await world.db.insert(adminTokens).values({
      ...base,
      role: "viewer",
      tokenHash: randomBytes(32),
      tokenPrefix: "tga_",
      createdBy: "test",
    });
    const requestId = await world.addRequest({ organizationId: id, apiKeyId: key?.id });
    await deleteOrganization(world.as(world.admin), { id });
    for (const table of [apiKeys, apps, adminTokens]) {
      expect(await world.db.$count(table, eq(table.organizationId, id))).toBe(0);
    }
    await expect(getOrganization(world.as(world.admin), { id })).rejects.toMatchObject({ code: "not_found" });
    const rows = await world.db.execute(
      `select organization_id, api_key_id from ledger where id = '${requestId}'`,
    );
    expect(rows[0]).toEqual({ organization_id: id, api_key_id: key?.id });
    expect((await auditOf(id))[1]).toMatchObject({
      action: "organization.delete",
      before: { name: "Doomed", api_keys: [key?.id] },
      after: null,
    });
  });

  test("is an administrator's right", async () => {
    for (const actor of [world.orgAdmin, world.viewer]) {
      await expect(deleteOrganization(world.as(actor), { id: world.a.id })).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  });
});
