import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { isPlausibleAdminToken, readAdminToken } from "#lib/auth/admin-token";
import { adminTokens } from "#lib/db/schema/identity";
import { hashSecret, tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import {
  expectForbidden,
  expectRejection,
  ORGANIZATION_NOT_FOUND,
  outOfReach,
  type RejectedCall,
  rejection,
} from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createAdminToken } from "./create-admin-token";
import { deleteAdminToken } from "./delete-admin-token";
import { listAdminTokens } from "./list-admin-tokens";

const world = await worldOfFile();

const TOMORROW = new Date(Date.now() + 86_400_000);
const namesFor = async (actor: Actor, query = {}) =>
  (await listAdminTokens(world.as(actor), { limit: 200, ...query })).data.map(({ name }) => name).sort();

describe("creating an admin token", () => {
  test("returns the token once, stores its hash only, and audits neither", async () => {
    const created = await createAdminToken(world.as(world.admin), {
      name: "  deploy  ",
      role: "admin",
      expires_at: TOMORROW.toISOString(),
    });
    expect(created).toEqual({
      id: expect.any(String),
      name: "deploy",
      role: "admin",
      organization_id: null,
      token: expect.stringMatching(/^tgadm_[0-9A-Za-z]{38}$/),
      token_prefix: created.token.slice(0, 10),
      expires_at: TOMORROW.toISOString(),
      last_used_at: null,
      created_at: expect.stringMatching(/Z$/),
      created_by: world.admin.id,
      maker_id: world.admin.id,
    });
    expect(isPlausibleAdminToken(created.token)).toBe(true);
    const [row] = await world.db.select().from(adminTokens).where(eq(adminTokens.id, created.id));
    expect(row?.tokenHash.equals(hashSecret(created.token))).toBe(true);
    const { token, ...shown } = created;
    const [audit] = await world.auditOf(created.id);
    expect(audit).toMatchObject({
      action: "admin_token.create",
      actorId: world.admin.id,
      before: null,
      after: shown,
    });
    const listed = await listAdminTokens(world.as(world.admin));
    expect(listed.data).toContainEqual(shown);
    expect(JSON.stringify([audit, listed])).not.toContain(token);
    expect(JSON.stringify([audit, listed])).not.toMatch(/hash/i);
  });

  test("belongs to an organization unless its role is admin", async () => {
    const input = { name: "of-a", role: "viewer" as const, organization_id: world.a.id };
    expect(await createAdminToken(world.as(world.admin), input)).toMatchObject({
      role: "viewer",
      organization_id: world.a.id,
    });
  });

  test("defaults to an org_admin's own organization", async () => {
    const input = { name: "own", role: "org_admin" as const };
    for (const actor of [world.orgAdmin, tokenActor("org_admin", world.a.id)]) {
      expect(await createAdminToken(world.as(actor), input)).toMatchObject({
        role: "org_admin",
        organization_id: world.a.id,
      });
    }
  });

  test("rejects a token that would outlive the creating token", async () => {
    const ctx = world.as(tokenActor("admin", null, { expiresAt: TOMORROW }));
    const input = { name: "child", role: "admin" as const };
    const tooLong = {
      code: "invalid",
      fields: { expires_at: expect.stringContaining(TOMORROW.toISOString()) },
    };
    await expect(createAdminToken(ctx, input)).rejects.toMatchObject(tooLong);
    await expect(createAdminToken(ctx, { ...input, expires_at: null })).rejects.toMatchObject(tooLong);
    const later = new Date(TOMORROW.getTime() + 1).toISOString();
    await expect(createAdminToken(ctx, { ...input, expires_at: later })).rejects.toMatchObject(tooLong);
    await expect(
      createAdminToken(ctx, { ...input, expires_at: TOMORROW.toISOString() }),
    ).resolves.toMatchObject({ expires_at: TOMORROW.toISOString() });
  });

  test.each<RejectedCall>([
    ...outOfReach(world),
    ["an administrator without an organization", world.admin, {}, rejection("invalid", "organization_id")],
    [
      "an administrator in an unknown organization",
      world.admin,
      { organization_id: UNKNOWN_ID },
      ORGANIZATION_NOT_FOUND,
    ],
    [
      "the role admin in an organization",
      world.admin,
      { role: "admin", organization_id: world.a.id },
      rejection("invalid", "organization_id"),
    ],
    ["the role member", world.admin, { role: "member" }, rejection("invalid", "role")],
    ["an empty name", world.orgAdmin, { name: " " }, { fields: { name: "Enter a name." } }],
    [
      "an expiry in the past",
      world.orgAdmin,
      { expires_at: new Date(Date.now() - 1000).toISOString() },
      { fields: { expires_at: "Choose a time in the future." } },
    ],
    ["an unknown field", world.orgAdmin, { scope: "x" }, rejection("invalid", "scope")],
  ])("is rejected for %s, and writes nothing", async (_who, actor, input, error) => {
    const given = { name: "no", role: "viewer" as const, ...input };
    await expectRejection(world, adminTokens, () => createAdminToken(world.as(actor), given), error);
  });
});

describe("listing admin tokens", () => {
  test("shows administrators all tokens, an org_admin theirs, and is forbidden to others", async () => {
    await createAdminToken(world.as(world.orgAdminOfB), { name: "of-b", role: "viewer" });
    expect(await namesFor(world.admin)).toEqual(expect.arrayContaining(["deploy", "of-a", "own", "of-b"]));
    expect(await namesFor(world.orgAdmin)).toEqual(["of-a", "own", "own"]);
    expect(await namesFor(world.orgAdminOfB)).toEqual(["of-b"]);
    for (const actor of [world.member, world.viewer, world.stray, tokenActor("viewer", world.a.id)]) {
      await expectForbidden(() => namesFor(actor));
    }
  });

  test("filters by organization and pages", async () => {
    expect(await namesFor(world.admin, { organization_id: world.b.id })).toEqual(["of-b"]);
    expect(await namesFor(world.orgAdmin, { organization_id: world.b.id })).toEqual([]);
    const first = await listAdminTokens(world.as(world.orgAdmin), { limit: 2 });
    const cursor = first.next_cursor ?? undefined;
    const second = await listAdminTokens(world.as(world.orgAdmin), { limit: 2, cursor });
    expect([...first.data, ...second.data].map(({ name }) => name)).toEqual(["own", "own", "of-a"]);
    expect(second.next_cursor).toBeNull();
  });
});

describe("deleting an admin token", () => {
  test("ends it at once and is audited", async () => {
    const { id, token } = await createAdminToken(world.as(world.admin), {
      name: "gone",
      role: "admin",
    });
    expect(await readAdminToken(world.db, hashSecret, token)).toMatchObject({ id, role: "admin" });
    await deleteAdminToken(world.as(world.admin), { id });
    expect(await readAdminToken(world.db, hashSecret, token)).toBeNull();
    expect(await world.auditOf(id)).toMatchObject([
      { action: "admin_token.create" },
      { action: "admin_token.delete", before: { id, name: "gone" }, after: null },
    ]);
    await expect(deleteAdminToken(world.as(world.admin), { id })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("out of an org_admin's sight is answered like an unknown id", async () => {
    const ofB = await createAdminToken(world.as(world.orgAdminOfB), { name: "safe", role: "viewer" });
    const ofAll = await createAdminToken(world.as(world.admin), { name: "safe", role: "admin" });
    const missing = await deleteAdminToken(world.as(world.orgAdmin), { id: UNKNOWN_ID }).catch(String);
    for (const { id } of [ofB, ofAll]) {
      expect(await deleteAdminToken(world.as(world.orgAdmin), { id }).catch(String)).toBe(missing);
    }
    expect(await namesFor(world.admin)).toEqual(expect.arrayContaining(["safe", "safe"]));
  });

  test("is forbidden to members and viewers, and not found for a malformed id", async () => {
    for (const actor of [world.member, world.viewer]) {
      await expectForbidden(() => deleteAdminToken(world.as(actor), { id: UNKNOWN_ID }));
    }
    await expect(deleteAdminToken(world.as(world.admin), { id: "x" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("an admin token", () => {
  test("has a checksum that detects a mistyped one without the database", async () => {
    const { token } = await createAdminToken(world.as(world.orgAdmin), { name: "typed", role: "viewer" });
    const mistyped = token.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    for (const other of [mistyped, token.slice(0, -1), `${token}0`, token.replace("tgadm", "tg_live"), ""]) {
      expect(isPlausibleAdminToken(other), other).toBe(false);
    }
    expect(await readAdminToken(world.db, hashSecret, token)).toMatchObject({
      kind: "token",
      role: "viewer",
      organizationId: world.a.id,
      expiresAt: null,
    });
  });
});
