import { hash } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { isPlausibleKey } from "#lib/auth/api-key";
import { readCaller } from "#lib/auth/caller";
import { hashOfKey } from "#lib/auth/key-hash";
import { apiKeys } from "#lib/db/schema/identity";
import { hashSecret, tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import {
  expectInvalid,
  expectRejection,
  FORBIDDEN,
  ORGANIZATION_NOT_FOUND,
  type RejectedCall,
  rejection,
} from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createKey } from "./create-key";
import { createOrMoveKey } from "./create-or-move-key";
import { NewKey } from "./key";
import { listKeys } from "./list-keys";
import { rotateKey } from "./rotate-key";

const world = await worldOfFile();
const { id: providerId } = await world.addProvider("upstream");

const namesFor = async (actor: Actor, query = {}) =>
  (await listKeys(world.as(actor), { limit: 200, ...query })).data.map((key) => key.name).sort();

describe("listing keys", () => {
  test("shows administrators all keys, an organization's staff theirs, and members their own", async () => {
    expect(await namesFor(world.admin)).toEqual(["a-member", "a-org", "a-other", "b-org"]);
    expect(await namesFor(world.orgAdmin)).toEqual(["a-member", "a-org", "a-other"]);
    expect(await namesFor(world.viewer)).toEqual(["a-member", "a-org", "a-other"]);
    expect(await namesFor(world.member)).toEqual(["a-member"]);
    expect(await namesFor(world.orgAdminOfB)).toEqual(["b-org"]);
    expect(await namesFor(world.stray)).toEqual([]);
  });

  test("marks the keys that the actor may manage", async () => {
    const manageable = async (actor: Actor) =>
      (await listKeys(world.as(actor))).data.filter((key) => key.may_manage).length;
    expect(await manageable(world.admin)).toBe(4);
    expect(await manageable(world.orgAdmin)).toBe(3);
    expect(await manageable(world.member)).toBe(1);
    expect(await manageable(world.viewer)).toBe(0);
  });

  test("sums this month's spend exactly, and has the last use without adjustments", async () => {
    const lastMonth = new Date(Date.now() - 40 * 86_400_000);
    await world.addUsage({ apiKeyId: world.a.otherKey, userId: world.other.id, requests: 3, costUsd: "0.1" });
    await world.addUsage({
      apiKeyId: world.a.otherKey,
      userId: world.other.id,
      model: "large",
      costUsd: "0.2",
    });
    await world.addUsage({
      apiKeyId: world.a.otherKey,
      userId: world.other.id,
      hour: lastMonth,
      costUsd: "9",
    });
    const usedAt = new Date(Date.now() - 60_000);
    await world.addRequest({ apiKeyId: world.a.otherKey, userId: world.other.id, createdAt: usedAt });
    await world.addRequest({ apiKeyId: world.a.otherKey, userId: world.other.id, status: "adjustment" });
    const { data } = await listKeys(world.as(world.other));
    expect(data[0]).toMatchObject({
      spent_this_month_usd: "0.3",
      requests_this_month: 4,
      last_used_at: usedAt.toISOString(),
      status: "active",
      user_id: world.other.id,
      user: { id: world.other.id, name: "other" },
      organization_id: world.a.id,
      organization: { id: world.a.id, name: "A" },
    });
  });

  test("pages without gaps or repetitions while keys are added", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listKeys(world.as(world.admin), { limit: 1, cursor });
      seen.push(...page.data.map((key) => key.name));
      if (seen.length === 2)
        await createKey(world.as(world.admin), { name: "late", organization_id: world.b.id });
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen.sort()).toEqual(["a-member", "a-org", "a-other", "b-org"]);
  });

  test("searches name and prefix, in which % and _ are literal", async () => {
    expect(await namesFor(world.admin, { search: "MEMBER" })).toEqual(["a-member"]);
    expect(await namesFor(world.admin, { search: "tg_test_b" })).toEqual(["b-org"]);
    expect(await namesFor(world.admin, { search: "%" })).toEqual([]);
    expect(await namesFor(world.admin, { search: "a_org" })).toEqual([]);
  });

  test("filters by tag, user and organization among the keys that the actor sees", async () => {
    await world.db
      .update(apiKeys)
      .set({ tags: ["ci", "night"] })
      .where(eq(apiKeys.id, world.a.otherKey));
    await world.db
      .update(apiKeys)
      .set({ tags: ["ci"] })
      .where(eq(apiKeys.id, world.b.orgKey));
    expect(await namesFor(world.admin, { tag: "ci" })).toEqual(["a-other", "b-org"]);
    expect(await namesFor(world.orgAdmin, { tag: "ci" })).toEqual(["a-other"]);
    expect(await namesFor(world.admin, { tag: "c" })).toEqual([]);
    expect(await namesFor(world.admin, { user_id: world.member.id })).toEqual(["a-member"]);
    expect(await namesFor(world.admin, { organization_id: world.b.id })).toContain("b-org");
    expect(await namesFor(world.orgAdmin, { organization_id: world.b.id })).toEqual([]);
    expect(await namesFor(world.member, { user_id: world.other.id })).toEqual([]);
  });

  test("filters by status", async () => {
    const base = { organizationId: world.b.id, keyPrefix: "tg_test" };
    const past = new Date(Date.now() - 1000);
    await world.db.insert(apiKeys).values([
      { ...base, name: "over", keyHash: hashSecret("over"), expiresAt: past },
      { ...base, name: "gone", keyHash: hashSecret("gone"), expiresAt: past, revokedAt: past },
    ]);
    expect(await namesFor(world.orgAdminOfB, { status: "expired" })).toEqual(["over"]);
    expect(await namesFor(world.orgAdminOfB, { status: "revoked" })).toEqual(["gone"]);
    expect(await namesFor(world.orgAdminOfB, { status: "active" })).toEqual(["b-org", "late"]);
  });

  test("rejects an invalid cursor", async () => {
    await expectInvalid(() => listKeys(world.as(world.admin), { cursor: "1; drop table ledger" }), "cursor");
  });
});

describe("creating a key", () => {
  test("returns the key once, stores its hash only, and audits neither", async () => {
    const created = await createKey(world.as(world.orgAdmin), {
      name: "  billing  ",
      allowed_models: ["small", "tiny", "small"],
      allowed_ips: ["10.1.2.3/8", "::FFFF:203.0.113.7", "203.0.113.7"],
      budget: { limit_usd: "12.50", period: "month" },
      rate_limits: { requests_per_minute: 60, max_concurrent: 4 },
      tags: ["ci", "ci", "night shift"],
    });
    expect(created.key).toMatch(/^tg_live_[0-9A-Za-z]{38}$/);
    expect(isPlausibleKey(created.key)).toBe(true);
    expect(created).toMatchObject({
      name: "billing",
      key_prefix: created.key.slice(0, 12),
      status: "active",
      organization_id: world.a.id,
      user_id: null,
      user: null,
      allowed_models: ["small", "tiny"],
      allowed_ips: ["10.0.0.0/8", "203.0.113.7"],
      budget: { limit_usd: "12.5", period: "month" },
      rate_limits: { requests_per_minute: 60, max_concurrent: 4 },
      tags: ["ci", "night shift"],
      may_manage: true,
    });
    expect(NewKey.parse(created)).toEqual(created);
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row).toMatchObject({ organizationId: world.a.id, userId: null, createdBy: world.orgAdmin.id });
    expect(row?.keyHash.equals(hashOfKey(hashSecret, created.key))).toBe(true);
    const [audit] = await world.auditOf(created.id);
    expect(audit).toMatchObject({
      action: "api_key.create",
      actorId: world.orgAdmin.id,
      organizationId: world.a.id,
      ip: "192.0.2.7",
      after: { name: "billing", key_prefix: created.key_prefix, budget: { limit_usd: "12.5" } },
    });
    const listed = await listKeys(world.as(world.admin), { search: "billing" });
    for (const text of [JSON.stringify(audit), JSON.stringify(listed)]) {
      expect(text).not.toContain(created.key);
      expect(text).not.toContain(hashOfKey(hashSecret, created.key).toString("hex"));
      expect(text).not.toContain(hashOfKey(hashSecret, created.key).toString("base64"));
      expect(text.toLowerCase()).not.toContain("hash");
    }
  });

  test("creates a member's key for themselves in their organization", async () => {
    const created = await createKey(world.as(world.member), { name: "mine", user_id: null });
    expect(created).toMatchObject({ organization_id: world.a.id, user_id: world.member.id });
  });

  test("derives the organization from the user, and accepts a matching pair", async () => {
    const admin = world.as(world.admin);
    const alone = await createKey(admin, { name: "alone", user_id: world.member.id });
    expect(alone).toMatchObject({ organization_id: world.a.id, user_id: world.member.id });
    const pair = { organization_id: world.a.id, user_id: world.member.id };
    expect(await createKey(admin, { name: "pair", ...pair })).toMatchObject(pair);
  });

  test("allows an admin token, and stores no creator", async () => {
    const created = await createKey(world.as(tokenActor("org_admin", world.a.id)), { name: "by token" });
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row).toMatchObject({ organizationId: world.a.id, createdBy: null });
  });

  test("imports an existing value for an administrator, and shows a short prefix of it", async () => {
    const value = "old_gateway-key_0123456789";
    const created = await createKey(world.as(world.admin), {
      name: "imported",
      organization_id: world.b.id,
      key: value,
    });
    expect(created).toMatchObject({ key: value, key_prefix: "old_ga" });
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row?.keyHash.equals(hashOfKey(hashSecret, value))).toBe(true);
    const [audit] = await world.auditOf(created.id);
    expect(audit).toMatchObject({ after: { imported: true } });
    expect(JSON.stringify(audit)).not.toContain(value);
  });

  test("rejects an imported value that is in use, or in the grace period of a rotation", async () => {
    const value = "a-key-of-sixteen";
    const input = { organization_id: world.b.id, key: value };
    const { id } = await createKey(world.as(world.admin), { name: "first", ...input });
    const again = () => createKey(world.as(world.admin), { name: "second", ...input });
    await expect(again()).rejects.toMatchObject(rejection("conflict", "key"));
    await rotateKey(world.as(world.admin), { id, grace_seconds: 60 });
    await expect(again()).rejects.toMatchObject({ code: "conflict" });
  });

  test("moves a key here whose digest alone is known, for requests that present the key", async () => {
    const value = "sk-of-another-gateway-0123456789";
    const digest = hash("sha256", value);
    const input = { organization_id: world.b.id, key_sha256: digest.toUpperCase() };
    const created = await createOrMoveKey(world.as(world.admin), { name: "moved", ...input });
    expect(created).toMatchObject({ key: null, key_prefix: `sha256:${digest.slice(0, 6)}` });
    const callerOf = async (key: string) => {
      const finding = await readCaller(world.db.$client, hashSecret, { kind: "key", key });
      return finding.found ? finding.caller.apiKeyId : null;
    };
    expect(await callerOf(value)).toBe(created.id);
    for (const stolen of [digest, `sha256:${digest}`, `\u0000sha256:${digest}`])
      expect(await callerOf(stolen)).toBeNull();
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row?.keyHash.equals(Buffer.from(digest, "hex"))).toBe(false);
    expect(JSON.stringify([created, await world.auditOf(created.id)])).not.toContain(digest.slice(8));
  });

  test("rejects a digest of a key that is in use, however that came, and a key whose digest is", async () => {
    const asAdmin = world.as(world.admin);
    const owner = { organization_id: world.b.id };
    const { key } = await createKey(asAdmin, { name: "ours", ...owner });
    const move = (name: string, value: string) =>
      createOrMoveKey(asAdmin, { name, ...owner, key_sha256: hash("sha256", value) });
    await expect(move("again", key)).rejects.toMatchObject(rejection("conflict", "key_sha256"));
    await move("moved", "another-old-key-0123456789");
    const known = createOrMoveKey(asAdmin, { name: "known", ...owner, key: "another-old-key-0123456789" });
    await expect(known).rejects.toMatchObject(rejection("conflict", "key"));
  });

  test("takes no digest from others than administrators, none that is malformed, and none beside a key", async () => {
    const key_sha256 = hash("sha256", "some-key-0123456789");
    const move = (actor: Actor, input: object) =>
      createOrMoveKey.handle(world.as(actor), { name: "moved", ...input });
    for (const actor of [world.orgAdmin, world.member])
      await expect(move(actor, { key_sha256 })).rejects.toMatchObject(FORBIDDEN);
    for (const wrong of ["", "abc", `${key_sha256}0`, key_sha256.replace(/^./, "g"), 5])
      await expect(move(world.admin, { key_sha256: wrong })).rejects.toMatchObject(
        rejection("invalid", "key_sha256"),
      );
    await expect(move(world.admin, { key_sha256: `sha256:${key_sha256}` })).rejects.toMatchObject({
      fields: { key_sha256: expect.stringContaining("64 hexadecimal digits, without a prefix like sha256:") },
    });
    const both = { organization_id: world.b.id, key: "some-key-0123456789", key_sha256 };
    await expect(move(world.admin, both)).rejects.toMatchObject(rejection("invalid", "key_sha256"));
  });

  test("still finds keys of which an earlier version stored a hash without a digest", async () => {
    const key = "key-of-an-earlier-version";
    const { id } = await createKey(world.as(world.admin), { name: "early", organization_id: world.b.id });
    await world.db
      .update(apiKeys)
      .set({ keyHash: hashSecret(key) })
      .where(eq(apiKeys.id, id));
    const finding = await readCaller(world.db.$client, hashSecret, { kind: "key", key });
    expect(finding).toMatchObject({ found: true, caller: { apiKeyId: id } });
    const again = createKey(world.as(world.admin), { name: "again", organization_id: world.b.id, key });
    await expect(again).rejects.toMatchObject(rejection("conflict", "key"));
  });

  test.each<RejectedCall>([
    ["a viewer", world.viewer, {}, FORBIDDEN],
    ["an org_admin without an organization", world.stray, {}, FORBIDDEN],
    ["a member for another user", world.member, { user_id: world.other.id }, FORBIDDEN],
    ["a member with a budget", world.member, { budget: { limit_usd: "1", period: "day" } }, FORBIDDEN],
    ["a member with rate limits", world.member, { rate_limits: { requests_per_minute: 1 } }, FORBIDDEN],
    ["an org_admin who restricts it to a provider", world.orgAdmin, { provider_id: providerId }, FORBIDDEN],
    ["an org_admin who imports a value", world.orgAdmin, { key: "an-imported-key-value" }, FORBIDDEN],
    [
      "an org_admin in another organization",
      world.orgAdmin,
      { organization_id: world.b.id },
      ORGANIZATION_NOT_FOUND,
    ],
    [
      "an org_admin for a user of another organization",
      world.orgAdmin,
      { user_id: world.orgAdminOfB.id },
      { code: "not_found", fields: { user_id: "User not found." } },
    ],
    [
      "an administrator for a user of another organization",
      world.admin,
      { organization_id: world.b.id, user_id: world.member.id },
      rejection("invalid", "user_id"),
    ],
    [
      "an administrator for a user without an organization",
      world.admin,
      { user_id: world.admin.id },
      rejection("invalid", "user_id"),
    ],
    ["an administrator without an owner", world.admin, {}, rejection("invalid", "organization_id")],
    [
      "an administrator with an unknown provider",
      world.admin,
      { organization_id: world.b.id, provider_id: UNKNOWN_ID },
      rejection("not_found", "provider_id"),
    ],
    [
      "an administrator with a short value",
      world.admin,
      { organization_id: world.b.id, key: "sevenly" },
      rejection("invalid", "key"),
    ],
    [
      "an administrator with a value that contains a space",
      world.admin,
      { organization_id: world.b.id, key: "sixteen letters and more" },
      rejection("invalid", "key"),
    ],
    [
      "an administrator with a mistyped Tollgate key",
      world.admin,
      { organization_id: world.b.id, key: "tg_live_0123456789" },
      rejection("invalid", "key"),
    ],
    ["an empty name", world.orgAdmin, { name: "  " }, { fields: { name: "Enter a name." } }],
    [
      "a name with control characters",
      world.orgAdmin,
      { name: "a\u0000b" },
      { fields: { name: expect.any(String) } },
    ],
    [
      "an invalid address",
      world.orgAdmin,
      { allowed_ips: ["10.0.0.1", "10.0.0.0/40"] },
      { fields: { "allowed_ips.1": expect.any(String) } },
    ],
    [
      "an expiry in the past",
      world.orgAdmin,
      { expires_at: new Date(Date.now() - 1000).toISOString() },
      { fields: { expires_at: expect.any(String) } },
    ],
    ["an invalid expiry", world.orgAdmin, { expires_at: "" }, { fields: { expires_at: expect.any(String) } }],
    [
      "an unknown field",
      world.orgAdmin,
      { allowedModels: ["small"] },
      { code: "invalid", message: expect.stringContaining("allowedModels") },
    ],
  ])("is rejected for %s, and writes nothing", async (_who, actor, input, error) => {
    await expectRejection(world, apiKeys, () => createKey(world.as(actor), { name: "no", ...input }), error);
  });
});
