import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { readAdminToken } from "#lib/auth/admin-token";
import { apiKeys, apps, users } from "#lib/db/schema/identity";
import { createApp } from "#lib/services/apps/create-app";
import { rotateApp } from "#lib/services/apps/rotate-app";
import { createKey } from "#lib/services/keys/create-key";
import { rotateKey } from "#lib/services/keys/rotate-key";
import { updateKey } from "#lib/services/keys/update-key";
import { hashSecret, tokenActor } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { createUser } from "#lib/services/users/create-user";
import { deleteUser } from "#lib/services/users/delete-user";
import { getUser } from "#lib/services/users/get-user";
import { inviteUser } from "#lib/services/users/invite-user";
import { updateUser } from "#lib/services/users/update-user";
import { createAdminToken } from "./create-admin-token";

const world = await worldOfFile();
const asAdmin = world.as(world.admin);
let people = 0;

/** A user of A, or an administrator. */
async function person(role: Role): Promise<Actor & { kind: "user" }> {
  const email = `maker-${++people}@example.com`;
  const organizationId = role === "admin" ? null : world.a.id;
  const { id } = await createUser(asAdmin, { email, role, organization_id: organizationId });
  return { kind: "user", id, name: email, email, role, organizationId };
}

type Wanted = { role: "admin" | "org_admin" | "viewer"; organization_id?: string };
const tokenOf = async (actor: Actor, wanted: Wanted) =>
  (await createAdminToken(world.as(actor), { name: "script", ...wanted })).token;
const actorOf = (token: string) => readAdminToken(world.db, hashSecret, token);
async function tokenActorOf(token: string) {
  const actor = await actorOf(token);
  if (actor === null) throw new Error("the token has ended");
  return actor;
}

describe("a token of a user", () => {
  test("is demoted with its maker, on the next request, and rises no higher than it was", async () => {
    const maker = await person("org_admin");
    const token = await tokenOf(maker, { role: "org_admin" });
    for (const role of ["viewer", "member", "org_admin"] as const) {
      await updateUser(asAdmin, { id: maker.id, role });
      expect(await actorOf(token)).toMatchObject({ role, organizationId: world.a.id });
    }
    const viewing = await tokenOf(maker, { role: "viewer" });
    expect(await actorOf(viewing)).toMatchObject({ role: "viewer" });
  });

  test("for everything shrinks to the organization of a former administrator", async () => {
    const maker = await person("admin");
    const token = await tokenOf(maker, { role: "admin" });
    expect(await actorOf(token)).toMatchObject({ role: "admin", organizationId: null });
    await updateUser(asAdmin, { id: maker.id, role: "org_admin", organization_id: world.b.id });
    expect(await actorOf(token)).toMatchObject({ role: "org_admin", organizationId: world.b.id });
  });

  test("ends when its maker moves to another organization, or is deleted", async () => {
    const [moved, deleted] = [await person("org_admin"), await person("org_admin")];
    const tokens = [await tokenOf(moved, { role: "viewer" }), await tokenOf(deleted, { role: "org_admin" })];
    await updateUser(asAdmin, { id: moved.id, organization_id: world.b.id });
    await deleteUser(asAdmin, { id: deleted.id });
    expect(await Promise.all(tokens.map(actorOf))).toEqual([null, null]);
    const ended = [expect.any(String)];
    expect((await world.auditOf(moved.id)).at(-2)?.after).toMatchObject({ ended_admin_tokens: ended });
    expect((await world.auditOf(deleted.id)).at(-1)?.before).toMatchObject({ admin_tokens: ended });
    await updateUser(asAdmin, { id: moved.id, organization_id: world.a.id });
    expect(await actorOf(tokens[0] ?? "")).toBeNull();
  });

  test("for an organization keeps its rights when the administrator who made it loses theirs", async () => {
    const [demoted, deleted] = [await person("admin"), await person("admin")];
    const wanted = { role: "org_admin", organization_id: world.a.id } as const;
    const tokens = [await tokenOf(demoted, wanted), await tokenOf(deleted, wanted)];
    await updateUser(asAdmin, { id: demoted.id, role: "viewer", organization_id: world.b.id });
    await deleteUser(asAdmin, { id: deleted.id });
    for (const token of tokens) {
      expect(await actorOf(token)).toMatchObject({ role: "org_admin", organizationId: world.a.id });
    }
  });

  test("bounds the tokens that it creates by the same maker, however long the chain", async () => {
    const maker = await person("admin");
    let token = await tokenOf(maker, { role: "admin" });
    const chain = [token];
    for (let link = 0; link < 3; link++) {
      token = await tokenOf(await tokenActorOf(token), { role: "admin" });
      chain.push(token);
    }
    chain.push(await tokenOf(await tokenActorOf(token), { role: "org_admin", organization_id: world.a.id }));
    await updateUser(asAdmin, { id: maker.id, role: "viewer", organization_id: world.a.id });
    for (const link of chain) {
      expect(await actorOf(link)).toMatchObject({ role: "viewer", organizationId: world.a.id });
    }
    await deleteUser(asAdmin, { id: maker.id });
    expect(await Promise.all(chain.map(actorOf))).toEqual(chain.map(() => null));
  });

  test("of ADMIN_API_KEY has no maker to lose", async () => {
    const token = await tokenOf(tokenActor("admin", null, { id: "admin_api_key" }), { role: "admin" });
    expect(await actorOf(token)).toMatchObject({ role: "admin", makerId: null });
  });
});

describe("a token that ends", () => {
  const end = new Date(Date.now() + 86_400_000);
  const earlier = new Date(end.getTime() - 1000).toISOString();
  const later = new Date(end.getTime() + 1).toISOString();
  const ending = world.as(tokenActor("org_admin", world.a.id, { expiresAt: end }));
  const tooLong = { code: "invalid", fields: { expires_at: expect.stringContaining(end.toISOString()) } };
  const secretTooLong = { code: "forbidden", message: expect.stringContaining(end.toISOString()) };
  const keyUntil = (expires_at: string | null) =>
    createKey(asAdmin, { name: "k", user_id: null, organization_id: world.a.id, expires_at });

  test("creates only keys that end no later, imported ones too", async () => {
    const administrator = world.as(tokenActor("admin", null, { expiresAt: end }));
    const before = await world.db.$count(apiKeys);
    for (const until of [{}, { expires_at: null }, { expires_at: later }]) {
      await expect(createKey(ending, { name: "k", ...until })).rejects.toMatchObject(tooLong);
      const imported = { name: "k", organization_id: world.a.id, key: "an-imported-key", ...until };
      await expect(createKey(administrator, imported)).rejects.toMatchObject(tooLong);
    }
    expect(await world.db.$count(apiKeys)).toBe(before);
    const expires_at = end.toISOString();
    expect(await createKey(ending, { name: "k", expires_at })).toMatchObject({ expires_at });
  });

  test("extends no key beyond its end, and may change and shorten those that are longer", async () => {
    const short = await keyUntil(earlier);
    for (const expires_at of [null, later]) {
      await expect(updateKey(ending, { id: short.id, expires_at })).rejects.toMatchObject(tooLong);
    }
    expect(await updateKey(ending, { id: short.id, expires_at: end.toISOString() })).toMatchObject({
      expires_at: end.toISOString(),
    });
    const endless = await keyUntil(null);
    expect(await updateKey(ending, { id: endless.id, name: "renamed", expires_at: null })).toMatchObject({
      name: "renamed",
    });
    const muchLater = new Date(end.getTime() + 3_600_000).toISOString();
    expect(await updateKey(ending, { id: endless.id, expires_at: muchLater })).toMatchObject({
      expires_at: muchLater,
    });
    await updateKey(ending, { id: endless.id, expires_at: later });
    await expect(updateKey(ending, { id: endless.id, expires_at: muchLater })).rejects.toMatchObject(tooLong);
  });

  test("rotates only keys that end no later", async () => {
    const endless = await keyUntil(null);
    await expect(rotateKey(ending, { id: endless.id })).rejects.toMatchObject(secretTooLong);
    const short = await keyUntil(earlier);
    expect(await rotateKey(ending, { id: short.id })).toMatchObject({ expires_at: earlier });
  });

  describe("gives no one rights over others", () => {
    const administrator = world.as(tokenActor("admin", null, { expiresAt: end }));
    const rights = { code: "forbidden", message: expect.stringContaining(end.toISOString()) };
    const newUser = (role: Role, organization_id: string | null = world.a.id) =>
      createUser(asAdmin, { email: `person-${++people}@example.com`, role, organization_id });

    test("by creating a user", async () => {
      const before = await world.db.$count(users);
      const email = "created-by-a-token@example.com";
      await expect(createUser(ending, { email, role: "org_admin" })).rejects.toMatchObject(rights);
      for (const asked of [
        { role: "admin", organization_id: null },
        { role: "admin", organization_id: world.a.id },
        { role: "org_admin", organization_id: world.a.id },
      ] as const)
        await expect(createUser(administrator, { email, ...asked })).rejects.toMatchObject(rights);
      expect(await world.db.$count(users)).toBe(before);
    });

    test("by a promotion", async () => {
      for (const from of ["viewer", "member"] as const) {
        const { id } = await newUser(from);
        await expect(updateUser(ending, { id, role: "org_admin" })).rejects.toMatchObject(rights);
        await expect(updateUser(administrator, { id, role: "admin" })).rejects.toMatchObject(rights);
      }
      const { id } = await newUser("org_admin");
      await expect(updateUser(administrator, { id, role: "admin" })).rejects.toMatchObject(rights);
      expect(await getUser(asAdmin, { id })).toMatchObject({ role: "org_admin" });
    });

    test("by another e-mail address, a move or an invite", async () => {
      const { id, email } = await newUser("org_admin");
      const moved = { organization_id: world.b.id };
      await expect(updateUser(ending, { id, email: "mine@example.com" })).rejects.toMatchObject(rights);
      await expect(updateUser(administrator, { id, ...moved })).rejects.toMatchObject(rights);
      await expect(inviteUser(ending, { id })).rejects.toMatchObject(rights);
      const other = await newUser("admin", null);
      const change = { id: other.id, email: "mine@example.com" };
      await expect(updateUser(administrator, change)).rejects.toMatchObject(rights);
      expect(await getUser(asAdmin, { id })).toMatchObject({ email, organization_id: world.a.id });
    });

    test("but takes rights, changes the rest, and creates and invites members and viewers", async () => {
      const [first, second] = [await newUser("org_admin"), await newUser("admin", world.a.id)];
      expect(await updateUser(ending, { id: first.id, name: "renamed" })).toMatchObject({ name: "renamed" });
      expect(await updateUser(ending, { id: first.id, role: "member" })).toMatchObject({ role: "member" });
      const lower = await updateUser(administrator, { id: second.id, role: "org_admin" });
      expect(lower).toMatchObject({ role: "org_admin" });
      for (const role of ["member", "viewer"] as const) {
        const user = await createUser(ending, { email: `by-token-${role}@example.com`, role });
        expect(await inviteUser(ending, { id: user.id })).toMatchObject({ expires_at: end.toISOString() });
      }
    });

    test("while one that does not end may", async () => {
      const endless = world.as(tokenActor("org_admin", world.a.id));
      const user = await createUser(endless, { email: "endless@example.com", role: "org_admin" });
      expect((await inviteUser(endless, { id: user.id })).url).toContain("/invite/");
    });
  });

  test("creates and rotates no app, whose secret has no end", async () => {
    const before = await world.db.$count(apps);
    await expect(createApp(ending, { name: "app" })).rejects.toMatchObject(secretTooLong);
    expect(await world.db.$count(apps)).toBe(before);
    const app = await createApp(asAdmin, { name: "app", organization_id: world.a.id });
    await expect(rotateApp(ending, { id: app.id })).rejects.toMatchObject(secretTooLong);
    const [kept] = await world.db.select().from(apps).where(eq(apps.id, app.id));
    expect(kept?.secretHash.equals(hashSecret(app.secret))).toBe(true);
  });
});
