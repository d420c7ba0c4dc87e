import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { verifyPassword } from "#lib/auth/password";
import { readActor } from "#lib/auth/read-actor";
import { accountOf, confirmAccount, createMembership } from "#lib/auth/testing/people";
import { accounts, apiKeys, users } from "#lib/db/schema/identity";
import { invites } from "#lib/db/schema/sessions";
import { hashSecret, tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import { expectForbidden, rejection } from "#lib/services/testing/rejection";
import { createWorld, worldOfFile } from "#lib/services/testing/world";
import { deleteUser } from "./delete-user";
import { getUser } from "./get-user";
import { inviteUser } from "./invite-user";
import { resetUsage } from "./reset-usage";
import { newSession, newUser } from "./testing/users";
import { updateUser } from "./update-user";

const world = await worldOfFile();

const make = (input: object = {}) => newUser(world, input);
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

describe("updating a user", () => {
  test("sets the given fields, removes null ones, keeps the rest, and audits before and after", async () => {
    const created = await make({
      name: "Before",
      external_id: randomUUID(),
      budget: { limit_usd: "1", period: "day" },
      rate_limits: { max_concurrent: 2 },
    });
    const changes = { name: "After", external_id: null, budget: null, role: "org_admin" as const };
    const changed = await updateUser(world.as(world.orgAdmin), { id: created.id, ...changes });
    expect(changed).toEqual({ ...created, ...changes });
    expect(await getUser(world.as(world.admin), { id: created.id })).toEqual(changed);
    expect((await world.auditOf(created.id))[1]).toMatchObject({
      action: "user.update",
      before: created,
      after: changed,
    });
  });

  test("writes nothing without a change", async () => {
    const created = await make({ name: "Same", budget: { limit_usd: "2.50", period: "month" } });
    const same = { id: created.id, name: "Same", budget: { limit_usd: "2.5", period: "month" as const } };
    expect(await updateUser(world.as(world.admin), same)).toEqual(created);
    const [row] = await world.db
      .select({ version: users.version })
      .from(users)
      .where(eq(users.id, created.id));
    expect([row?.version, (await world.auditOf(created.id)).length]).toEqual([1, 1]);
  });

  test("ends sessions when the password changes, and audits only that it changed", async () => {
    const { id } = await make({ password: "toll road 7" });
    const sessionId = await newSession(world, id);
    expect(await readActor(world.db, { sessionId })).toMatchObject({ id });
    await updateUser(world.as(world.admin), { id, password: "toll road 8" });
    expect(await readActor(world.db, { sessionId })).toBeNull();
    expect(await verifyPassword("toll road 8", (await accountOf(world.db, id))?.passwordHash ?? null)).toBe(
      true,
    );
    await updateUser(world.as(world.admin), { id, password: null });
    expect((await accountOf(world.db, id))?.passwordHash).toBeNull();
    const audit = (await world.auditOf(id)).filter(({ action }) => action !== "user.sign_in");
    expect(audit.map(({ after }) => Reflect.get(Object(after), "password"))).toEqual([
      undefined,
      "changed",
      "removed",
    ]);
    expect(JSON.stringify(audit)).not.toContain("toll road");
    expect(audit[1]?.after).toMatchObject({ ended_sessions: [sessionId] });
  });

  test("keeps the actor's own session when they change their own password", async () => {
    const { id } = await make({ organization_id: null, role: "admin", password: "toll road 7" });
    const [own, other] = [await newSession(world, id), await newSession(world, id)];
    const actor: Actor = { ...world.admin, id, ...{ sessionId: own } };
    await updateUser(world.as(actor), { id, password: "toll road 8" });
    expect(await readActor(world.db, { sessionId: own })).toMatchObject({ id });
    expect(await readActor(world.db, { sessionId: other })).toBeNull();
  });

  test("ends the sessions in which a user acts when the role or the organization changes", async () => {
    const { id } = await make({ password: "toll road 7" });
    for (const change of [{ role: "viewer" }, { organization_id: world.b.id }] as const) {
      const sessionId = await newSession(world, id);
      await updateUser(world.as(world.admin), { id, name: `before ${Object.keys(change)}` });
      expect(await readActor(world.db, { sessionId })).toMatchObject({ id });
      await updateUser(world.as(world.admin), { id, ...change });
      expect(await readActor(world.db, { sessionId })).toBeNull();
    }
  });

  test("moves an unconfirmed account along, and leaves a confirmed one alone", async () => {
    const { id } = await make({ password: "toll road 7" });
    await updateUser(world.as(world.admin), {
      id,
      email: `moved-${id}@example.com`,
      organization_id: world.b.id,
    });
    expect(await accountOf(world.db, id)).toMatchObject({
      email: `moved-${id}@example.com`,
      homeOrganizationId: world.b.id,
    });
    await confirmAccount(world.db, id);
    await updateUser(world.as(world.orgAdminOfB), { id, email: `taken-over-${id}@example.com` });
    expect(await accountOf(world.db, id)).toMatchObject({ email: `moved-${id}@example.com` });
  });

  test("rejects an org_admin who gives the role admin or changes an administrator", async () => {
    const { id } = await make();
    const administrator = await make({ role: "admin" });
    for (const actor of [world.orgAdmin, tokenActor("org_admin", world.a.id)]) {
      const ctx = world.as(actor);
      for (const rejected of [
        () => updateUser(ctx, { id, role: "admin" }),
        () => updateUser(ctx, { id: world.orgAdmin.id, role: "admin" }),
        () => updateUser(ctx, { id: administrator.id, password: "toll road 7" }),
        () => updateUser(ctx, { id: administrator.id, role: "viewer" }),
        () => deleteUser(ctx, { id: administrator.id }),
        () => resetUsage(ctx, { id: administrator.id }),
      ]) {
        await expectForbidden(rejected);
      }
    }
    expect(await getUser(world.as(world.admin), { id })).toMatchObject({ role: "member" });
  });

  test("moves users and their keys between organizations, for administrators only", async () => {
    const { id } = await make();
    const key = await keyOf(id, world.a.id);
    await expectForbidden(() => updateUser(world.as(world.orgAdmin), { id, organization_id: world.b.id }));
    await expect(
      updateUser(world.as(world.admin), { id, organization_id: null, role: "admin" }),
    ).rejects.toMatchObject({ code: "conflict" });
    const moved = await updateUser(world.as(world.admin), { id, organization_id: world.b.id });
    expect(moved.organization_id).toBe(world.b.id);
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, key));
    expect(row).toMatchObject({ organizationId: world.b.id, version: 2 });
    await expect(getUser(world.as(world.orgAdmin), { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(
      updateUser(world.as(world.admin), { id, organization_id: UNKNOWN_ID }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("ends the invite of a user who moves: its link would open the new organization", async () => {
    const { id } = await make();
    await inviteUser(world.as(world.orgAdmin), { id });
    await updateUser(world.as(world.admin), { id, organization_id: world.b.id });
    expect(await world.db.select().from(invites).where(eq(invites.userId, id))).toEqual([]);
  });

  test("audits the sessions that a new password ends in the organization where each is", async () => {
    const { id } = await make({ password: "toll road 7" });
    const account = await accountOf(world.db, id);
    const elsewhere = await createMembership(world.db, {
      email: `${randomUUID()}@example.com`,
      organizationId: world.b.id,
      accountId: account?.id ?? "",
    });
    const [here, there] = [await newSession(world, id), await newSession(world, elsewhere)];
    await updateUser(world.as(world.admin), { id, password: "another road 8" });
    expect((await world.auditOf(id)).at(-1)?.after).toMatchObject({ ended_sessions: [here] });
    expect((await world.auditOf(elsewhere)).at(-1)).toMatchObject({
      action: "user.end_sessions",
      organizationId: world.b.id,
      before: { session_ids: [there] },
    });
  });

  test("requires an organization except for administrators", async () => {
    const created = await make({ organization_id: null, role: "admin" });
    await expect(updateUser(world.as(world.admin), { id: created.id, role: "viewer" })).rejects.toMatchObject(
      rejection("invalid", "organization_id"),
    );
    expect(
      await updateUser(world.as(world.admin), {
        id: created.id,
        role: "viewer",
        organization_id: world.b.id,
      }),
    ).toMatchObject({ role: "viewer", organization_id: world.b.id });
  });

  test("rejects taken values and read-only fields", async () => {
    const [one, two] = [await make({ external_id: randomUUID() }), await make()];
    const ctx = world.as(world.orgAdmin);
    await expect(updateUser(ctx, { id: two.id, email: one.email })).rejects.toMatchObject(
      rejection("conflict", "email"),
    );
    await expect(updateUser(ctx, { id: two.id, external_id: one.external_id })).rejects.toMatchObject(
      rejection("conflict", "external_id"),
    );
    for (const field of ["payment_status", "created_at", "password_hash"]) {
      await expect(updateUser(ctx, { id: two.id, ...{ [field]: "x" } })).rejects.toMatchObject(
        rejection("invalid", field),
      );
    }
  });
});

describe("deleting a user", () => {
  test("deletes their keys, keeps the ledger, and audits the user with the keys", async () => {
    const created = await make({ name: "Gone" });
    const key = await keyOf(created.id, world.a.id);
    const requestId = await world.addRequest({ userId: created.id, apiKeyId: key });
    await deleteUser(world.as(world.orgAdmin), { id: created.id });
    await expect(getUser(world.as(world.admin), { id: created.id })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await world.db.$count(apiKeys, eq(apiKeys.userId, created.id))).toBe(0);
    const rows = await world.db.execute(`select user_id, api_key_id from ledger where id = '${requestId}'`);
    expect(rows[0]).toEqual({ user_id: created.id, api_key_id: key });
    expect((await world.auditOf(created.id))[1]).toMatchObject({
      action: "user.delete",
      before: { ...created, api_keys: [key] },
      after: null,
    });
  });

  test("deletes the account with its last membership, and its sessions", async () => {
    const { id } = await make({ password: "toll road 7" });
    const account = await accountOf(world.db, id);
    const sessionId = await newSession(world, id);
    const values = { email: `${id}@example.com`, organizationId: world.b.id, accountId: account?.id };
    const [second] = await world.db.insert(users).values(values).returning();
    await deleteUser(world.as(world.admin), { id });
    expect(await readActor(world.db, { sessionId })).toBeNull();
    expect(await accountOf(world.db, second?.id ?? "")).toMatchObject({ id: account?.id });
    await deleteUser(world.as(world.admin), { id: second?.id ?? "" });
    expect(await world.db.$count(accounts, eq(accounts.id, account?.id ?? ""))).toBe(0);
  });

  test("is rejected for the actor's own user", async () => {
    for (const actor of [world.admin, world.orgAdmin]) {
      await expect(deleteUser(world.as(actor), { id: actor.id })).rejects.toMatchObject({ code: "conflict" });
    }
  });

  test("keeps an administrator, even if two delete each other at the same time", async () => {
    const database = await createWorld();
    const second = await newUser(database, { organization_id: null, role: "admin" });
    const other: Actor = { ...database.admin, id: second.id };
    const outcomes = await Promise.allSettled([
      deleteUser(database.as(database.admin), { id: other.id }),
      deleteUser(database.as(other), { id: database.admin.id }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const rejected = outcomes.find((outcome) => outcome.status === "rejected");
    expect(rejected).toMatchObject({
      reason: { code: "conflict", message: expect.stringContaining("last") },
    });
    const [last] = await database.db.select({ id: users.id }).from(users).where(eq(users.role, "admin"));
    const ctx = database.as(tokenActor("admin", null));
    await expect(deleteUser(ctx, { id: last?.id ?? "" })).rejects.toMatchObject({ code: "conflict" });
    await expect(
      updateUser(ctx, { id: last?.id ?? "", role: "viewer", organization_id: database.a.id }),
    ).rejects.toMatchObject({ code: "conflict" });
    await database.drop();
  });
});
