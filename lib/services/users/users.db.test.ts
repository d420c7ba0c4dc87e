import { randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { verifyPassword } from "#lib/auth/password";
import { apiKeys, auditLog, users } from "#lib/db/schema/identity";
import { hashSecret } from "#lib/services/testing/context";
import { createWorld, type World } from "#lib/services/testing/world";
import { createUser } from "./create-user";
import { deleteUser } from "./delete-user";
import { getUser } from "./get-user";
import { listUsers } from "./list-users";
import { resetUsage } from "./reset-usage";
import { syncExpiry } from "./sync-expiry";
import { updateUser } from "./update-user";
import { userUsage } from "./user-usage";

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
const address = () => `${randomUUID()}@example.com`;
const make = (input: object = {}) =>
  createUser(world.as(world.admin), { email: address(), organization_id: world.a.id, ...input });
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const passwordHash = async (id: string) =>
  (await world.db.select({ hash: users.passwordHash }).from(users).where(eq(users.id, id)))[0]?.hash ?? null;
const _keyOf = async (userId: string, organizationId: string) => {
  const values = {
    name: "k",
    organizationId,
    userId,
    keyHash: hashSecret(randomUUID()),
    keyPrefix: "tg_test_k",
  };
  const [key] = await world.db.insert(apiKeys).values(values).returning();
  return key?.id ?? "";
};

describe("creating a user", () => {
  test("answers what the contract shows, keeps it, and audits it", async () => {
    const made = await createUser(world.as(world.orgAdmin), {
      email: "Ada@Example.com",
      organization_id: world.a.id,
      external_id: "oid-1",
      name: "Ada",
      role: "viewer",
      budget: { limit_usd: "10.00", period: "week" },
      payment_valid_until: "2099-12-31",
    });
    expect(made).toEqual({
      id: expect.any(String),
      email: "Ada@Example.com",
      name: "Ada",
      external_id: "oid-1",
      organization_id: world.a.id,
      role: "viewer",
      budget: { limit_usd: "10", period: "week", soft_limit_percent: null },
      rate_limits: null,
      payment_valid_until: "2099-12-31",
      payment_status: "active",
      created_at: expect.stringMatching(/Z$/),
    });
    expect(await getUser(world.as(world.admin), { id: made.id })).toEqual(made);
    expect(await auditOf(made.id)).toMatchObject([
      {
        action: "user.create",
        subjectType: "user",
        actorId: world.orgAdmin.id,
        organizationId: world.a.id,
        after: made,
      },
    ]);
  });

  test("is a member without a date where nothing is said, in one's own organization", async () => {
    const made = await createUser(world.as(world.orgAdmin), { email: address() });
    expect(made).toMatchObject({
      role: "member",
      organization_id: world.a.id,
      payment_valid_until: null,
      payment_status: "none",
      name: null,
      external_id: null,
      budget: null,
    });
  });

  test("tells the payment's state by its date: the last valid day still counts", async () => {
    const stateOf = async (date: string | null) => (await make({ payment_valid_until: date })).payment_status;
    expect(await stateOf(day(-1))).toBe("expired");
    expect(await stateOf(day(0))).toBe("active");
    expect(await stateOf(day(1))).toBe("active");
    expect(await stateOf(null)).toBe("none");
  });

  test("may sign in with a password; neither it nor its hash is ever told", async () => {
    const made = await make({ password: "toll road 7" });
    const hash = await passwordHash(made.id);
    expect(await verifyPassword("toll road 7", hash)).toBe(true);
    const told = JSON.stringify([made, await auditOf(made.id), await listUsers(world.as(world.admin))]);
    expect(told).not.toContain("toll road");
    expect(told).not.toContain(hash);
    expect(told).not.toMatch(/hash/i);
  });

  test("of the whole installation is an administrator without an organization", async () => {
    const made = await createUser(world.as(world.admin), {
      email: address(),
      organization_id: null,
      role: "admin",
    });
    expect(made).toMatchObject({ organization_id: null, role: "admin" });
    await expect(
      createUser(world.as(world.admin), { email: address(), organization_id: null }),
    ).rejects.toMatchObject({ code: "invalid", fields: { organization_id: expect.any(String) } });
    await expect(createUser(world.as(world.admin), { email: address() })).rejects.toMatchObject({
      fields: { organization_id: expect.any(String) },
    });
  });

  test.each<[string, () => Actor, () => object, object]>([
    ["a viewer", () => world.viewer, () => ({}), { code: "forbidden" }],
    ["a member", () => world.member, () => ({}), { code: "forbidden" }],
    ["somebody of no organization", () => world.stray, () => ({}), { code: "forbidden" }],
    ["a viewer's token", () => token("viewer", world.a.id), () => ({}), { code: "forbidden" }],
    [
      "an org_admin in another organization",
      () => world.orgAdmin,
      () => ({ organization_id: world.b.id }),
      { code: "not_found", fields: { organization_id: "Organization not found." } },
    ],
    [
      "an org_admin in no organization",
      () => world.orgAdmin,
      () => ({ organization_id: null }),
      { code: "invalid" },
    ],
    [
      "an org_admin of an administrator",
      () => world.orgAdmin,
      () => ({ role: "admin" }),
      { code: "forbidden" },
    ],
    [
      "an org_admin's token of an administrator",
      () => token("org_admin", world.a.id),
      () => ({ role: "admin" }),
      { code: "forbidden" },
    ],
    [
      "an administrator in an organization that is not there",
      () => world.admin,
      () => ({ organization_id: NOWHERE }),
      { code: "not_found" },
    ],
  ])("is refused to %s, and leaves nothing behind", async (_who, actor, input, refusal) => {
    const before = [await world.db.$count(users), await world.db.$count(auditLog)];
    const asked = { email: address(), organization_id: world.a.id, ...input() };
    await expect(createUser(world.as(actor()), asked)).rejects.toMatchObject(refusal);
    expect([await world.db.$count(users), await world.db.$count(auditLog)]).toEqual(before);
  });

  test("takes an e-mail address once, in any case of letters, and an external id once in an organization", async () => {
    const email = address();
    await make({ email, external_id: "twice" });
    await expect(make({ email: email.toUpperCase() })).rejects.toMatchObject({
      code: "conflict",
      fields: { email: expect.any(String) },
    });
    await expect(make({ external_id: "twice" })).rejects.toMatchObject({
      code: "conflict",
      fields: { external_id: expect.any(String) },
    });
    await make({ organization_id: world.b.id, external_id: "twice" });
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
  ])("refuses what is wrong with %s, by its name", async (field, input) => {
    const error = await make(input).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid", fields: { [field]: expect.any(String) } });
  });
});

describe("reading users", () => {
  const seenBy = async (actor: Actor, query = {}) =>
    (await listUsers(world.as(actor), { limit: 200, ...query })).data.map(({ id }) => id);

  test("shows administrators all, an organization's people theirs, a member only themselves", async () => {
    const ofB = await make({ organization_id: world.b.id });
    const ofA = await make();
    expect(await seenBy(world.admin)).toEqual(expect.arrayContaining([ofA.id, ofB.id, world.admin.id]));
    for (const actor of [world.orgAdmin, world.viewer, token("viewer", world.a.id)]) {
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

  test("makes those whom one may not see look as if there were none, by every verb", async () => {
    const verbs: ((id: string, actor: Actor) => Promise<unknown>)[] = [
      (id, actor) => getUser(world.as(actor), { id }),
      (id, actor) => updateUser(world.as(actor), { id, name: "mine now" }),
      (id, actor) => deleteUser(world.as(actor), { id }),
      (id, actor) => userUsage(world.as(actor), { id }),
      (id, actor) => resetUsage(world.as(actor), { id }),
      (id, actor) => syncExpiry(world.as(actor), { id }),
    ];
    for (const verb of verbs) {
      const missing = await verb(NOWHERE, world.orgAdmin).catch(String);
      expect(missing).toContain("User not found.");
      expect(await verb(world.orgAdminOfB.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb(world.admin.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb("7", world.orgAdmin).catch(String)).toBe(missing);
      const foreign = await verb(world.other.id, world.member).catch(String);
      expect(foreign).toBe(await verb(NOWHERE, world.member).catch(String));
      expect(foreign).toMatch(/User not found|needs at least the role/);
    }
  });

  test("lets a viewer and a member look, and change nothing, themselves included", async () => {
    expect(await getUser(world.as(world.member), { id: world.member.id })).toMatchObject({ name: "member" });
    expect(await userUsage(world.as(world.member), { id: world.member.id })).toMatchObject({ budget: null });
    for (const actor of [world.viewer, world.member, token("viewer", world.a.id)]) {
      const ctx = world.as(actor);
      const id = world.member.id;
      for (const refused of [
        () => updateUser(ctx, { id, role: "org_admin" }),
        () => updateUser(ctx, { id, password: "toll road 7" }),
        () => updateUser(ctx, { id, payment_valid_until: "2099-01-01" }),
        () => deleteUser(ctx, { id }),
        () => resetUsage(ctx, { id }),
        () => syncExpiry(ctx, { id }),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: "forbidden" });
      }
    }
  });

  test("filters by organization, role, payment and words, and takes % for what it is", async () => {
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
    expect(await found({ search: paid.email.slice(3, 20) })).toEqual([paid.id]);
    expect(await found({ search: "\\" })).toEqual([]);
  });

  test("pages newest first, also after the last one shown was deleted", async () => {
    const made = [await make(), await make(), await make()].map(({ id }) => id);
    const first = await listUsers(world.as(world.admin), { limit: 1, organization_id: world.a.id });
    expect(first.data.map(({ id }) => id)).toEqual([made[2]]);
    await deleteUser(world.as(world.admin), { id: made[2] ?? "" });
    const second = await listUsers(world.as(world.admin), {
      limit: 2,
      organization_id: world.a.id,
      cursor: first.next_cursor ?? "",
    });
    expect(second.data.map(({ id }) => id)).toEqual([made[1], made[0]]);
  });
});
