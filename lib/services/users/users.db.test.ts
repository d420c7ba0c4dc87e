import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { verifyPassword } from "#lib/auth/password";
import { accountOf } from "#lib/auth/testing/people";
import { users } from "#lib/db/schema/identity";
import { createKey } from "#lib/services/keys/create-key";
import { tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import { day } from "#lib/services/testing/day";
import { expectCreationAudited } from "#lib/services/testing/expect-audited";
import {
  expectForbidden,
  expectRejection,
  outOfReach,
  type RejectedCall,
  rejection,
} from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createUser } from "./create-user";
import { deleteUser } from "./delete-user";
import { getUser } from "./get-user";
import { inviteUser } from "./invite-user";
import { listUsers } from "./list-users";
import { resetUsage } from "./reset-usage";
import { syncExpiry } from "./sync-expiry";
import { newEmail, newUser } from "./testing/users";
import { updateUser } from "./update-user";
import { userUsage } from "./user-usage";

const world = await worldOfFile();

const make = (input: object = {}) => newUser(world, input);

describe("a user without an e-mail address", () => {
  const external = (input: object = {}) =>
    createUser(world.as(world.admin), { external_id: randomUUID(), organization_id: world.a.id, ...input });

  test("is known by an external id, also in lists and as the owner of keys", async () => {
    const user = await external();
    expect(user).toMatchObject({ email: null, has_account: false });
    const key = await createKey(world.as(world.admin), { name: "of them", user_id: user.id });
    expect(key.user).toEqual({ id: user.id, name: user.external_id });
    const search = user.external_id?.slice(4, 20);
    const { data } = await listUsers(world.as(world.viewer), { search });
    expect(data.map(({ id }) => id)).toEqual([user.id]);
  });

  test("needs that id, which it keeps", async () => {
    const named = rejection("invalid", "email");
    const none = createUser(world.as(world.admin), { organization_id: world.a.id });
    await expect(none).rejects.toMatchObject(named);
    const { id } = await external();
    const without = updateUser(world.as(world.admin), { id, external_id: null });
    await expect(without).rejects.toMatchObject(named);
  });

  test("cannot sign in until it has an address", async () => {
    const { id } = await external();
    const asAdmin = world.as(world.admin);
    await expect(inviteUser(asAdmin, { id })).rejects.toMatchObject(rejection("invalid", "email"));
    const password = "a long enough password";
    const unusable = rejection("invalid", "password");
    await expect(updateUser(asAdmin, { id, password })).rejects.toMatchObject(unusable);
    await expect(external({ password })).rejects.toMatchObject(unusable);
    const email = `${randomUUID()}@example.com`;
    expect(await updateUser(asAdmin, { id, email, password })).toMatchObject({ email, has_account: true });
    const removed = updateUser(asAdmin, { id, email: null });
    await expect(removed).rejects.toMatchObject(rejection("invalid", "email"));
  });

  test("may have as many without as with one", async () => {
    expect((await external()).id).not.toBe((await external()).id);
  });
});

describe("creating a user", () => {
  test("returns, stores and audits the user", async () => {
    const created = await createUser(world.as(world.orgAdmin), {
      email: "Ada@Example.com",
      organization_id: world.a.id,
      external_id: "oid-1",
      name: "Ada",
      role: "viewer",
      budget: { limit_usd: "10.00", period: "week" },
      payment_valid_until: "2099-12-31",
    });
    expect(created).toEqual({
      id: expect.any(String),
      email: "Ada@Example.com",
      name: "Ada",
      external_id: "oid-1",
      organization_id: world.a.id,
      role: "viewer",
      has_account: false,
      budget: { limit_usd: "10", period: "week", soft_limit_percent: null },
      rate_limits: null,
      allowed_models: null,
      metadata: {},
      payment_valid_until: "2099-12-31",
      payment_status: "active",
      created_at: expect.stringMatching(/Z$/),
    });
    expect(await getUser(world.as(world.admin), { id: created.id })).toEqual(created);
    const organizationId = world.a.id;
    await expectCreationAudited(world, { subjectType: "user", created, by: world.orgAdmin, organizationId });
  });

  test("defaults to a member of the actor's organization without a payment date", async () => {
    const created = await createUser(world.as(world.orgAdmin), { email: newEmail() });
    expect(created).toMatchObject({
      role: "member",
      organization_id: world.a.id,
      payment_valid_until: null,
      payment_status: "none",
      name: null,
      external_id: null,
      budget: null,
    });
  });

  test("derives the payment status from the date; the last valid day counts as active", async () => {
    const stateOf = async (date: string | null) => (await make({ payment_valid_until: date })).payment_status;
    expect(await stateOf(day(-1))).toBe("expired");
    expect(await stateOf(day(0))).toBe("active");
    expect(await stateOf(day(1))).toBe("active");
    expect(await stateOf(null)).toBe("none");
  });

  test("stores a password as a hash, and shows neither", async () => {
    const created = await make({ password: "toll road 7" });
    expect(created.has_account).toBe(true);
    const account = await accountOf(world.db, created.id);
    const hash = account?.passwordHash ?? "";
    expect(await verifyPassword("toll road 7", hash)).toBe(true);
    expect(account).toMatchObject({
      email: created.email,
      emailConfirmedAt: null,
      homeOrganizationId: world.a.id,
    });
    const shown = JSON.stringify([
      created,
      await world.auditOf(created.id),
      await listUsers(world.as(world.admin)),
    ]);
    expect(shown).not.toContain("toll road");
    expect(shown).not.toContain(hash);
    expect(shown).not.toMatch(/hash/i);
  });

  test.each([
    ["an org_admin", () => world.orgAdmin],
    ["an administrator's token", () => tokenActor()],
    ["ADMIN_API_KEY", () => tokenActor("admin", null, { id: "admin_api_key" })],
  ])("lets only administrators with a session set a password, not %s", async (_who, actor) => {
    const input = { email: newEmail(), organization_id: world.a.id, password: "toll road 7" };
    await expectRejection(world, users, () => createUser(world.as(actor()), input), { code: "forbidden" });
    const { id } = await make();
    for (const password of ["toll road 7", null]) {
      await expectForbidden(() => updateUser(world.as(actor()), { id, password }));
    }
  });

  test("allows only an administrator to have no organization", async () => {
    const created = await make({ organization_id: null, role: "admin" });
    expect(created).toMatchObject({ organization_id: null, role: "admin" });
    await expect(
      createUser(world.as(world.admin), { email: newEmail(), organization_id: null }),
    ).rejects.toMatchObject(rejection("invalid", "organization_id"));
    await expect(createUser(world.as(world.admin), { email: newEmail() })).rejects.toMatchObject({
      fields: { organization_id: expect.any(String) },
    });
  });

  test.each<RejectedCall>([
    ...outOfReach(world),
    ["an org_admin in no organization", world.orgAdmin, { organization_id: null }, { code: "invalid" }],
    [
      "an administrator in an unknown organization",
      world.admin,
      { organization_id: UNKNOWN_ID },
      { code: "not_found" },
    ],
  ])("is rejected for %s, and writes nothing", async (_who, actor, input, error) => {
    const asked = { email: newEmail(), organization_id: world.a.id, ...input };
    await expectRejection(world, users, () => createUser(world.as(actor), asked), error);
  });

  test("rejects a taken e-mail address in any case, and an external id taken in the organization", async () => {
    const email = newEmail();
    await make({ email, external_id: "twice" });
    await expect(make({ email: email.toUpperCase() })).rejects.toMatchObject(rejection("conflict", "email"));
    await expect(make({ external_id: "twice" })).rejects.toMatchObject(rejection("conflict", "external_id"));
    await make({ organization_id: world.b.id, external_id: "twice" });
  });

  test("answers the same for an e-mail address that another organization has", async () => {
    const email = newEmail();
    await make({ organization_id: world.b.id, email, password: "toll road 7" });
    const created = await createUser(world.as(world.orgAdmin), { email, name: "Same" });
    const fresh = await createUser(world.as(world.orgAdmin), { email: newEmail(), name: "Same" });
    const { id: _, email: __, created_at: ___, ...rest } = created;
    expect(fresh).toMatchObject(rest);
    expect(await accountOf(world.db, created.id)).toBeUndefined();
    const elsewhere = await make({ organization_id: world.b.id });
    const changed = await updateUser(world.as(world.orgAdmin), { id: fresh.id, email: elsewhere.email });
    expect(changed).toEqual({ ...fresh, email: elsewhere.email });
  });

  test.each([
    ["email", { email: "not an address" }],
    ["password", { password: "seven c" }],
    ["payment_valid_until", { payment_valid_until: "2026-02-30" }],
    ["payment_valid_until", { payment_valid_until: "0000-01-01" }],
    ["role", { role: "owner" }],
    ["external_id", { external_id: "é" }],
    ["name", { name: "a\u0000b" }],
    ["budget.period", { budget: { limit_usd: "1", period: "year" } }],
    ["payment_status", { payment_status: "active" }],
    ["password_hash", { password_hash: "x" }],
  ])("rejects an invalid field and names it: %s", async (field, input) => {
    const error = await make(input).catch((reason: unknown) => reason);
    expect(error).toMatchObject(rejection("invalid", field));
  });
});

describe("reading users", () => {
  const seenBy = async (actor: Actor, query = {}) =>
    (await listUsers(world.as(actor), { limit: 200, ...query })).data.map(({ id }) => id);

  test("shows administrators all users, an organization's staff theirs, and members themselves", async () => {
    const ofB = await make({ organization_id: world.b.id });
    const ofA = await make();
    expect(await seenBy(world.admin)).toEqual(expect.arrayContaining([ofA.id, ofB.id, world.admin.id]));
    for (const actor of [world.orgAdmin, world.viewer, tokenActor("viewer", world.a.id)]) {
      const seen = await seenBy(actor);
      expect(seen).toContain(ofA.id);
      expect(seen).toContain(world.member.id);
      expect(seen).not.toContain(ofB.id);
      expect(seen).not.toContain(world.admin.id);
    }
    expect(await seenBy(world.member)).toEqual([world.member.id]);
    expect(await seenBy(world.stray)).toEqual([]);
    expect(await seenBy(world.orgAdmin, { organization_id: world.b.id })).toEqual([]);
  });

  test("answers the same for a user out of sight as for an unknown id, in every verb", async () => {
    const verbs: ((id: string, actor: Actor) => Promise<unknown>)[] = [
      (id, actor) => getUser(world.as(actor), { id }),
      (id, actor) => updateUser(world.as(actor), { id, name: "mine now" }),
      (id, actor) => deleteUser(world.as(actor), { id }),
      (id, actor) => userUsage(world.as(actor), { id }),
      (id, actor) => resetUsage(world.as(actor), { id }),
      (id, actor) => syncExpiry(world.as(actor), { id }),
    ];
    for (const verb of verbs) {
      const missing = await verb(UNKNOWN_ID, world.orgAdmin).catch(String);
      expect(missing).toContain("User not found.");
      expect(await verb(world.orgAdminOfB.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb(world.admin.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb("7", world.orgAdmin).catch(String)).toBe(missing);
      const foreign = await verb(world.other.id, world.member).catch(String);
      expect(foreign).toBe(await verb(UNKNOWN_ID, world.member).catch(String));
      expect(foreign).toMatch(/User not found|needs at least the role/);
    }
  });

  test("lets viewers and members read users but change none, not even themselves", async () => {
    expect(await getUser(world.as(world.member), { id: world.member.id })).toMatchObject({ name: "member" });
    expect(await userUsage(world.as(world.member), { id: world.member.id })).toMatchObject({ budget: null });
    for (const actor of [world.viewer, world.member, tokenActor("viewer", world.a.id)]) {
      const ctx = world.as(actor);
      const id = world.member.id;
      for (const rejected of [
        () => updateUser(ctx, { id, role: "org_admin" }),
        () => updateUser(ctx, { id, password: "toll road 7" }),
        () => updateUser(ctx, { id, payment_valid_until: "2099-01-01" }),
        () => deleteUser(ctx, { id }),
        () => resetUsage(ctx, { id }),
        () => syncExpiry(ctx, { id }),
      ]) {
        await expectForbidden(rejected);
      }
    }
  });

  test("filters by organization, role, payment status and text, in which % is literal", async () => {
    const organization_id = world.b.id;
    const late = await make({ organization_id, name: "Late 100%", payment_valid_until: day(-3) });
    const paid = await make({ organization_id, role: "viewer", payment_valid_until: day(3) });
    const found = (query: object) => seenBy(world.admin, { organization_id, ...query });
    expect(await found({ payment_status: "expired" })).toEqual([late.id]);
    expect(await found({ payment_status: "active" })).toEqual([paid.id]);
    expect(await found({ payment_status: "none" })).not.toContain(paid.id);
    expect(await found({ role: "viewer" })).toEqual([paid.id]);
    expect(await found({ search: "late" })).toEqual([late.id]);
    expect(await found({ search: "0%" })).toEqual([late.id]);
    expect(await found({ search: paid.email?.slice(3, 20) })).toEqual([paid.id]);
    expect(await found({ search: "\\" })).toEqual([]);
  });

  test("pages newest first, even after the last user of a page is deleted", async () => {
    const created = [await make(), await make(), await make()].map(({ id }) => id);
    const first = await listUsers(world.as(world.admin), { limit: 1, organization_id: world.a.id });
    expect(first.data.map(({ id }) => id)).toEqual([created[2]]);
    await deleteUser(world.as(world.admin), { id: created[2] ?? "" });
    const second = await listUsers(world.as(world.admin), {
      limit: 2,
      organization_id: world.a.id,
      cursor: first.next_cursor ?? "",
    });
    expect(second.data.map(({ id }) => id)).toEqual([created[1], created[0]]);
  });
});
