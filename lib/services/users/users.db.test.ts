import { randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { verifyPassword } from "#lib/auth/password";
import { readActor } from "#lib/auth/read-actor";
import { sessionStamp } from "#lib/auth/session-stamp";
import { apiKeys, auditLog, users } from "#lib/db/schema/identity";
import { createWorld, hashSecret, type World } from "#lib/services/testing/world";
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
const keyOf = async (userId: string, organizationId: string) => {
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
  it("answers what the contract shows, keeps it, and audits it", async () => {
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

  it("is a member without a date where nothing is said, in one's own organization", async () => {
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

  it("tells the payment's state by its date: the last valid day still counts", async () => {
    const stateOf = async (date: string | null) => (await make({ payment_valid_until: date })).payment_status;
    expect(await stateOf(day(-1))).toBe("expired");
    expect(await stateOf(day(0))).toBe("active");
    expect(await stateOf(day(1))).toBe("active");
    expect(await stateOf(null)).toBe("none");
  });

  it("may sign in with a password; neither it nor its hash is ever told", async () => {
    const made = await make({ password: "toll road 7" });
    const hash = await passwordHash(made.id);
    expect(await verifyPassword("toll road 7", hash)).toBe(true);
    const told = JSON.stringify([made, await auditOf(made.id), await listUsers(world.as(world.admin))]);
    expect(told).not.toContain("toll road");
    expect(told).not.toContain(hash);
    expect(told).not.toMatch(/hash/i);
  });

  it("of the whole installation is an administrator without an organization", async () => {
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

  it.each<[string, () => Actor, () => object, object]>([
    ["a viewer", () => world.viewer, () => ({}), { code: "forbidden" }],
    ["a member", () => world.member, () => ({}), { code: "forbidden" }],
    ["somebody of no organization", () => world.stray, () => ({}), { code: "forbidden" }],
    ["a viewer's token", () => token("viewer", world.a.id), () => ({}), { code: "forbidden" }],
    [
      "an org_admin in another organization",
      () => world.orgAdmin,
      () => ({ organization_id: world.b.id }),
      { code: "not_found", fields: { organization_id: "There is no such organization." } },
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

  it("takes an e-mail address once, in any case of letters, and an external id once in an organization", async () => {
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

  it.each([
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

  it("shows administrators all, an organization's people theirs, a member only themselves", async () => {
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

  it("makes those whom one may not see look as if there were none, by every verb", async () => {
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
      expect(missing).toContain("There is no such user.");
      expect(await verb(world.orgAdminOfB.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb(world.admin.id, world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb("7", world.orgAdmin).catch(String)).toBe(missing);
      expect(await verb(world.other.id, world.member).catch(String)).toBe(missing);
    }
  });

  it("lets a viewer and a member look, and change nothing, themselves included", async () => {
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

  it("filters by organization, role, payment and words, and takes % for what it is", async () => {
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

  it("pages newest first, also after the last one shown was deleted", async () => {
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

describe("changing a user", () => {
  it("changes what is given, removes what is null, leaves the rest, and audits both sides", async () => {
    const made = await make({
      name: "Before",
      external_id: randomUUID(),
      budget: { limit_usd: "1", period: "day" },
      rate_limits: { max_concurrent: 2 },
    });
    const changed = await updateUser(world.as(world.orgAdmin), {
      id: made.id,
      name: "After",
      external_id: null,
      budget: null,
      role: "org_admin",
    });
    expect(changed).toEqual({ ...made, name: "After", external_id: null, budget: null, role: "org_admin" });
    expect(await getUser(world.as(world.admin), { id: made.id })).toEqual(changed);
    expect((await auditOf(made.id))[1]).toMatchObject({
      action: "user.update",
      before: made,
      after: changed,
    });
  });

  it("writes nothing where nothing changes", async () => {
    const made = await make({ name: "Same", budget: { limit_usd: "2.50", period: "month" } });
    const same = { id: made.id, name: "Same", budget: { limit_usd: "2.5", period: "month" as const } };
    expect(await updateUser(world.as(world.admin), same)).toEqual(made);
    const [row] = await world.db.select({ version: users.version }).from(users).where(eq(users.id, made.id));
    expect([row?.version, (await auditOf(made.id)).length]).toEqual([1, 1]);
  });

  it("ends the sessions of an old password, and says only that it was changed", async () => {
    const { id } = await make({ password: "toll road 7" });
    const stamp = sessionStamp({ passwordHash: await passwordHash(id), oidcSubject: null });
    const claims = { userId: id, stamp: stamp ?? "" };
    expect(await readActor(world.db, claims)).toMatchObject({ id });
    await updateUser(world.as(world.orgAdmin), { id, password: "toll road 8" });
    expect(await readActor(world.db, claims)).toBeNull();
    expect(await verifyPassword("toll road 8", await passwordHash(id))).toBe(true);
    await updateUser(world.as(world.orgAdmin), { id, password: null });
    expect(await passwordHash(id)).toBeNull();
    const audit = await auditOf(id);
    expect(audit.map(({ after }) => Reflect.get(Object(after), "password"))).toEqual([
      undefined,
      "changed",
      "removed",
    ]);
    expect(JSON.stringify(audit)).not.toContain("toll road");
  });

  it("lets nobody give a role above their own, or touch an administrator", async () => {
    const { id } = await make();
    const administrator = await make({ role: "admin" });
    for (const actor of [world.orgAdmin, token("org_admin", world.a.id)]) {
      const ctx = world.as(actor);
      for (const refused of [
        () => updateUser(ctx, { id, role: "admin" }),
        () => updateUser(ctx, { id: world.orgAdmin.id, role: "admin" }),
        () => updateUser(ctx, { id: administrator.id, password: "toll road 7" }),
        () => updateUser(ctx, { id: administrator.id, role: "viewer" }),
        () => deleteUser(ctx, { id: administrator.id }),
        () => resetUsage(ctx, { id: administrator.id }),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: "forbidden" });
      }
    }
    expect(await getUser(world.as(world.admin), { id })).toMatchObject({ role: "member" });
  });

  it("moves users between organizations for administrators only, and their keys with them", async () => {
    const { id } = await make();
    const key = await keyOf(id, world.a.id);
    await expect(
      updateUser(world.as(world.orgAdmin), { id, organization_id: world.b.id }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      updateUser(world.as(world.admin), { id, organization_id: null, role: "admin" }),
    ).rejects.toMatchObject({ code: "conflict" });
    const moved = await updateUser(world.as(world.admin), { id, organization_id: world.b.id });
    expect(moved.organization_id).toBe(world.b.id);
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, key));
    expect(row).toMatchObject({ organizationId: world.b.id, version: 2 });
    await expect(getUser(world.as(world.orgAdmin), { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(updateUser(world.as(world.admin), { id, organization_id: NOWHERE })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("leaves nobody but administrators without an organization", async () => {
    const made = await createUser(world.as(world.admin), {
      email: address(),
      organization_id: null,
      role: "admin",
    });
    await expect(updateUser(world.as(world.admin), { id: made.id, role: "viewer" })).rejects.toMatchObject({
      code: "invalid",
      fields: { organization_id: expect.any(String) },
    });
    expect(
      await updateUser(world.as(world.admin), { id: made.id, role: "viewer", organization_id: world.b.id }),
    ).toMatchObject({ role: "viewer", organization_id: world.b.id });
  });

  it("refuses what another has, and what is not for changing", async () => {
    const [one, two] = [await make({ external_id: randomUUID() }), await make()];
    const ctx = world.as(world.orgAdmin);
    await expect(updateUser(ctx, { id: two.id, email: one.email })).rejects.toMatchObject({
      code: "conflict",
      fields: { email: expect.any(String) },
    });
    await expect(updateUser(ctx, { id: two.id, external_id: one.external_id })).rejects.toMatchObject({
      code: "conflict",
      fields: { external_id: expect.any(String) },
    });
    for (const field of ["payment_status", "created_at", "password_hash"]) {
      await expect(updateUser(ctx, { id: two.id, ...{ [field]: "x" } })).rejects.toMatchObject({
        code: "invalid",
        fields: { [field]: expect.any(String) },
      });
    }
  });
});

describe("deleting a user", () => {
  it("takes their keys along, leaves the ledger, and is audited with both", async () => {
    const made = await make({ name: "Gone" });
    const key = await keyOf(made.id, world.a.id);
    const requestId = await world.addRequest({ userId: made.id, apiKeyId: key });
    await deleteUser(world.as(world.orgAdmin), { id: made.id });
    await expect(getUser(world.as(world.admin), { id: made.id })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await world.db.$count(apiKeys, eq(apiKeys.userId, made.id))).toBe(0);
    const rows = await world.db.execute(`select user_id, api_key_id from ledger where id = '${requestId}'`);
    expect(rows[0]).toEqual({ user_id: made.id, api_key_id: key });
    expect((await auditOf(made.id))[1]).toMatchObject({
      action: "user.delete",
      before: { ...made, api_keys: [key] },
      after: null,
    });
  });

  it("is not for oneself", async () => {
    for (const actor of [world.admin, world.orgAdmin]) {
      await expect(deleteUser(world.as(actor), { id: actor.id })).rejects.toMatchObject({ code: "conflict" });
    }
  });

  it("leaves an administrator, also where two delete each other at once", async () => {
    const database = await createWorld();
    const second = await createUser(database.as(database.admin), {
      email: address(),
      organization_id: null,
      role: "admin",
    });
    const other: Actor = { ...database.admin, id: second.id };
    const outcomes = await Promise.allSettled([
      deleteUser(database.as(database.admin), { id: other.id }),
      deleteUser(database.as(other), { id: database.admin.id }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refusal = outcomes.find((outcome) => outcome.status === "rejected");
    expect(refusal).toMatchObject({ reason: { code: "conflict", message: expect.stringContaining("last") } });
    const [last] = await database.db.select({ id: users.id }).from(users).where(eq(users.role, "admin"));
    const ctx = database.as(token("admin", null));
    await expect(deleteUser(ctx, { id: last?.id ?? "" })).rejects.toMatchObject({ code: "conflict" });
    await expect(
      updateUser(ctx, { id: last?.id ?? "", role: "viewer", organization_id: database.a.id }),
    ).rejects.toMatchObject({ code: "conflict" });
    await database.drop();
  });
});
