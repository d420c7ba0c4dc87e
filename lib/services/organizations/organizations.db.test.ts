import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { adminTokens, apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import { expectCreationAudited } from "#lib/services/testing/expect-audited";
import { expectForbidden, expectInvalid } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createOrganization } from "./create-organization";
import { deleteOrganization } from "./delete-organization";
import { getOrganization } from "./get-organization";
import { listOrganizationUsers } from "./list-organization-users";
import { listOrganizations } from "./list-organizations";
import { organizationUsage } from "./organization-usage";
import { resumeOrganization, suspendOrganization } from "./suspend-organization";
import { updateOrganization } from "./update-organization";

const world = await worldOfFile();

const make = (name: string) => createOrganization(world.as(world.admin), { name });
const namesFor = async (actor: Actor, query = {}) =>
  (await listOrganizations(world.as(actor), { limit: 200, ...query })).data.map(({ name }) => name).sort();

describe("creating an organization", () => {
  test("returns, stores and audits the organization", async () => {
    const kept = {
      rate_limits: {
        requests_per_minute: 60,
        max_concurrent: 5,
        windows: [{ requests: 100, seconds: 3600 }],
      },
      failure_mode: "fail_open" as const,
      on_hang_up: "drain" as const,
      allowed_models: ["small", "tiny"],
      member_keys: { max: 3, allowed_ips: ["10.0.0.0/8"], max_days: 90 },
      metadata: { cost_center: "4711" },
    };
    const created = await createOrganization(world.as(world.admin), {
      ...kept,
      name: "  Acme ",
      budget: { limit_usd: "100.50", period: "month", soft_limit_percent: 80 },
      fail_open_allowance_usd: "5.0",
    });
    expect(created).toEqual({
      ...kept,
      id: expect.any(String),
      name: "Acme",
      status: "active",
      budget: { limit_usd: "100.5", period: "month", soft_limit_percent: 80 },
      fail_open_allowance_usd: "5",
      suspended_at: null,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await getOrganization(world.as(world.admin), { id: created.id })).toEqual(created);
    const organizationId = created.id;
    await expectCreationAudited(world, {
      subjectType: "organization",
      created,
      by: world.admin,
      organizationId,
    });
  });

  test("defaults to no limits and fail_closed", async () => {
    expect(await make("Plain")).toMatchObject({
      budget: null,
      rate_limits: null,
      failure_mode: "fail_closed",
      fail_open_allowance_usd: null,
      on_hang_up: "abort",
    });
  });

  test("needs an administrator or an administrator's token", async () => {
    await createOrganization(world.as(tokenActor("admin", null)), { name: "By token" });
    for (const actor of [world.orgAdmin, world.viewer, world.member, tokenActor("org_admin", world.a.id)]) {
      await expectForbidden(() => createOrganization(world.as(actor), { name: "no" }));
    }
  });

  test("takes a name that another one has", async () => {
    const [first, second] = [await make("Twice"), await make("Twice")];
    expect(second).toMatchObject({ name: "Twice" });
    expect(second.id).not.toBe(first.id);
  });

  test.each([
    ["no name", { name: undefined }, "name"],
    ["an empty name", { name: " " }, "name"],
    ["a name with an unpaired surrogate", { name: "a\ud800" }, "name"],
    ["an unknown field", { budgets: null }, "budgets"],
    ["a budget as a number", { budget: { limit_usd: 1.5, period: "month" } }, "budget.limit_usd"],
    ["a negative budget", { budget: { limit_usd: "-1", period: "month" } }, "budget.limit_usd"],
    ["a yearly budget", { budget: { limit_usd: "1", period: "year" } }, "budget.period"],
    ["an unknown failure mode", { failure_mode: "maybe" }, "failure_mode"],
  ])("rejects %s and names the field", async (_what, input: object, field) => {
    await expectInvalid(() => createOrganization(world.as(world.admin), { name: "x", ...input }), field);
  });
});

describe("reading organizations", () => {
  test("shows administrators all organizations, an organization's staff theirs, and members none", async () => {
    expect(await namesFor(world.admin)).toEqual(expect.arrayContaining(["A", "B"]));
    for (const actor of [world.orgAdmin, world.viewer, tokenActor("viewer", world.a.id)]) {
      expect(await namesFor(actor)).toEqual(["A"]);
    }
    expect(await namesFor(world.orgAdminOfB)).toEqual(["B"]);
    expect(await namesFor(world.member)).toEqual([]);
    expect(await namesFor(world.stray)).toEqual([]);
  });

  test("answers the same for an organization out of sight as for an unknown id, in every verb", async () => {
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
      const missing = await verb(UNKNOWN_ID, world.orgAdmin).catch(String);
      expect(missing).toContain("Organization not found.");
      expect(await verb(world.b.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb("not-an-id", world.orgAdmin).catch(String)).toBe(missing);
      for (const actor of [world.member, world.stray]) {
        const foreign = await verb(world.a.id, actor).catch(String);
        expect(foreign).toBe(await verb(UNKNOWN_ID, actor).catch(String));
        expect(foreign).toMatch(/Organization not found|needs at least the role/);
      }
    }
  });

  test("searches the name, in which % is literal", async () => {
    await make("Percent 100%");
    expect(await namesFor(world.admin, { search: "PERCENT" })).toEqual(["Percent 100%"]);
    expect(await namesFor(world.admin, { search: "0%" })).toEqual(["Percent 100%"]);
    expect(await namesFor(world.admin, { search: "_" })).toEqual([]);
  });

  test("pages newest first while rows are added and deleted", async () => {
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

  test("rejects an invalid cursor or limit", async () => {
    for (const query of [{ cursor: "1; drop table users" }, { limit: 201 }, { limit: 0 }]) {
      await expect(listOrganizations(world.as(world.admin), query)).rejects.toMatchObject({
        code: "invalid",
      });
    }
  });

  test("lists an organization's users for its staff and administrators", async () => {
    for (const actor of [world.admin, world.orgAdmin, world.viewer]) {
      const page = await listOrganizationUsers(world.as(actor), { id: world.a.id });
      expect(page.data.map(({ name }) => name).sort()).toEqual(["member", "org-admin", "other", "viewer"]);
    }
  });
});

describe("updating an organization", () => {
  test("sets the given fields, removes null ones, keeps the rest, and audits before and after", async () => {
    const created = await createOrganization(world.as(world.admin), {
      name: "To change",
      budget: { limit_usd: "10", period: "day" },
      rate_limits: { tokens_per_minute: 1000, max_concurrent: 3 },
      fail_open_allowance_usd: "1",
    });
    const changes = {
      budget: null,
      fail_open_allowance_usd: null,
      failure_mode: "fail_open" as const,
      on_hang_up: "drain" as const,
    };
    const changed = await updateOrganization(world.as(world.admin), { id: created.id, ...changes });
    expect(changed).toEqual({ ...created, ...changes });
    expect(await getOrganization(world.as(world.admin), { id: created.id })).toEqual(changed);
    const audit = await world.auditOf(created.id);
    expect(audit[1]).toMatchObject({ action: "organization.update", before: created, after: changed });
    const blocked = await updateOrganization(world.as(world.admin), {
      id: created.id,
      budget: { limit_usd: "0", period: "total" },
      rate_limits: null,
    });
    expect(blocked).toMatchObject({ budget: { limit_usd: "0", period: "total" }, rate_limits: null });
  });

  test("increments the version, and writes nothing without a change", async () => {
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
    expect([await version(), (await world.auditOf(id)).length]).toEqual([1, 1]);
    await updateOrganization(world.as(world.admin), { id, name: "Other" });
    expect([await version(), (await world.auditOf(id)).length]).toEqual([2, 2]);
  });

  test("allows an org_admin only to rename the organization and bound its people's keys", async () => {
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
      { allowed_models: null },
      { allowed_models: ["small"] },
    ]) {
      await expect(updateOrganization(ctx, { id, name: "A", ...change })).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("name and member_keys"),
      });
    }
    await expectForbidden(() => updateOrganization(world.as(world.viewer), { id, name: "x" }));
  });

  test("does not tell whether another one has a name", async () => {
    const ctx = world.as(world.orgAdmin);
    expect(await updateOrganization(ctx, { id: world.a.id, name: "B" })).toMatchObject({ name: "B" });
    expect(await updateOrganization(ctx, { id: world.a.id, name: "A" })).toMatchObject({ name: "A" });
  });

  test("rejects read-only fields", async () => {
    const { id } = await make("Read only");
    const readOnly: object = { suspended_at: null };
    await expectInvalid(() => updateOrganization(world.as(world.admin), { id, ...readOnly }), "suspended_at");
  });
});

describe("suspending an organization", () => {
  test("and resuming it can be repeated and are audited once each", async () => {
    const { id } = await make("Suspect");
    const ctx = world.as(world.admin);
    const first = await suspendOrganization(ctx, { id });
    expect(first).toMatchObject({ status: "suspended", suspended_at: expect.any(String) });
    expect(await suspendOrganization(ctx, { id })).toEqual(first);
    expect(await resumeOrganization(ctx, { id })).toMatchObject({ status: "active", suspended_at: null });
    await resumeOrganization(ctx, { id });
    expect((await world.auditOf(id)).map(({ action }) => action)).toEqual([
      "organization.create",
      "organization.suspend",
      "organization.resume",
    ]);
  });

  test("needs an administrator", async () => {
    for (const verb of [suspendOrganization, resumeOrganization]) {
      for (const actor of [world.orgAdmin, world.viewer]) {
        await expectForbidden(() => verb(world.as(actor), { id: world.a.id }));
      }
    }
  });
});

describe("deleting an organization", () => {
  test("is rejected while it has users, with their number", async () => {
    await expect(deleteOrganization(world.as(world.admin), { id: world.a.id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("4 users"),
    });
    expect(await world.db.$count(users, eq(users.organizationId, world.a.id))).toBe(4);
  });

  test("deletes its keys, apps and admin tokens, and keeps the ledger and the audit log", async () => {
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
    expect((await world.auditOf(id))[1]).toMatchObject({
      action: "organization.delete",
      before: { name: "Doomed", api_keys: [key?.id] },
      after: null,
    });
  });

  test("needs an administrator", async () => {
    for (const actor of [world.orgAdmin, world.viewer]) {
      await expectForbidden(() => deleteOrganization(world.as(actor), { id: world.a.id }));
    }
  });
});
