import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { isPlausibleKey } from "#lib/auth/api-key";
import { apiKeys, auditLog } from "#lib/db/schema/identity";
import { providers } from "#lib/db/schema/routing";
import { hashSecret } from "#lib/services/testing/context";
import { createWorld, type World } from "#lib/services/testing/world";
import { createKey } from "./create-key";
import { NewKey } from "./key";
import { listKeys } from "./list-keys";
import { rotateKey } from "./rotate-key";

let world: World;
let token: Actor;
let providerId: string;
beforeAll(async () => {
  world = await createWorld();
  token = { kind: "token", id: "token-1", name: "deploy", role: "org_admin", organizationId: world.a.id };
  const [provider] = await world.db
    .insert(providers)
    .values({ name: "upstream", type: "simulated" })
    .returning();
  providerId = provider?.id ?? "";
});
afterAll(() => world.drop());

const auditOf = (subjectId: string) =>
  world.db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(asc(auditLog.id));
const namesFor = async (actor: Actor, query = {}) =>
  (await listKeys(world.as(actor), { limit: 200, ...query })).data.map((key) => key.name).sort();

describe("listing keys", () => {
  test("shows administrators all, an organization's people theirs, a member their own, a stray none", async () => {
    expect(await namesFor(world.admin)).toEqual(["a-member", "a-org", "a-other", "b-org"]);
    expect(await namesFor(world.orgAdmin)).toEqual(["a-member", "a-org", "a-other"]);
    expect(await namesFor(world.viewer)).toEqual(["a-member", "a-org", "a-other"]);
    expect(await namesFor(world.member)).toEqual(["a-member"]);
    expect(await namesFor(world.orgAdminOfB)).toEqual(["b-org"]);
    expect(await namesFor(world.stray)).toEqual([]);
  });

  test("tells who may manage what", async () => {
    const manageable = async (actor: Actor) =>
      (await listKeys(world.as(actor))).data.filter((key) => key.may_manage).length;
    expect(await manageable(world.admin)).toBe(4);
    expect(await manageable(world.orgAdmin)).toBe(3);
    expect(await manageable(world.member)).toBe(1);
    expect(await manageable(world.viewer)).toBe(0);
  });

  test("adds up this month's spend exactly, and knows when a key was last used, adjustments aside", async () => {
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

  test("pages without losing or repeating a key, whatever is added meanwhile", async () => {
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

  test("finds by name and prefix, and takes % and _ for what they are", async () => {
    expect(await namesFor(world.admin, { search: "MEMBER" })).toEqual(["a-member"]);
    expect(await namesFor(world.admin, { search: "tg_test_b" })).toEqual(["b-org"]);
    expect(await namesFor(world.admin, { search: "%" })).toEqual([]);
    expect(await namesFor(world.admin, { search: "a_org" })).toEqual([]);
  });

  test("finds by tag, user and organization, as far as the actor sees", async () => {
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

  test("tells active, expired and revoked keys apart", async () => {
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

  test("refuses a cursor that is none", async () => {
    await expect(listKeys(world.as(world.admin), { cursor: "1; drop table ledger" })).rejects.toMatchObject({
      code: "invalid",
      fields: { cursor: expect.any(String) },
    });
  });
});

describe("creating a key", () => {
  test("gives the key once, keeps only its hash, and says so in the audit log without either", async () => {
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
    expect(row?.keyHash.equals(hashSecret(created.key))).toBe(true);
    const [audit] = await auditOf(created.id);
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
      expect(text).not.toContain(hashSecret(created.key).toString("hex"));
      expect(text).not.toContain(hashSecret(created.key).toString("base64"));
      expect(text.toLowerCase()).not.toContain("hash");
    }
  });

  test("makes a member's key their own, in their own organization", async () => {
    const created = await createKey(world.as(world.member), { name: "mine", user_id: null });
    expect(created).toMatchObject({ organization_id: world.a.id, user_id: world.member.id });
  });

  test("takes a user's organization where only the user is named, and a pair that belongs together", async () => {
    const admin = world.as(world.admin);
    const alone = await createKey(admin, { name: "alone", user_id: world.member.id });
    expect(alone).toMatchObject({ organization_id: world.a.id, user_id: world.member.id });
    const pair = { organization_id: world.a.id, user_id: world.member.id };
    expect(await createKey(admin, { name: "pair", ...pair })).toMatchObject(pair);
  });

  test("may be asked for by a token, which is no user", async () => {
    const created = await createKey(world.as(token), { name: "by token" });
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row).toMatchObject({ organizationId: world.a.id, createdBy: null });
  });

  test("keeps a given value where an administrator imports it, and shows little of it", async () => {
    const value = "old_gateway-key_0123456789";
    const created = await createKey(world.as(world.admin), {
      name: "imported",
      organization_id: world.b.id,
      key: value,
    });
    expect(created).toMatchObject({ key: value, key_prefix: "old_ga" });
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row?.keyHash.equals(hashSecret(value))).toBe(true);
    const [audit] = await auditOf(created.id);
    expect(audit).toMatchObject({ after: { imported: true } });
    expect(JSON.stringify(audit)).not.toContain(value);
  });

  test("imports no value a second time, nor one that was rotated away", async () => {
    const value = "a-key-of-sixteen";
    const input = { organization_id: world.b.id, key: value };
    const { id } = await createKey(world.as(world.admin), { name: "first", ...input });
    const again = () => createKey(world.as(world.admin), { name: "second", ...input });
    await expect(again()).rejects.toMatchObject({ code: "conflict", fields: { key: expect.any(String) } });
    await rotateKey(world.as(world.admin), { id, grace_seconds: 60 });
    await expect(again()).rejects.toMatchObject({ code: "conflict" });
  });

  test.each<[string, () => Actor, () => object, object]>([
    ["a viewer at all", () => world.viewer, () => ({}), { code: "forbidden" }],
    ["somebody of no organization", () => world.stray, () => ({}), { code: "forbidden" }],
    ["a member for another", () => world.member, () => ({ user_id: world.other.id }), { code: "forbidden" }],
    [
      "a member with a budget",
      () => world.member,
      () => ({ budget: { limit_usd: "1", period: "day" } }),
      { code: "forbidden" },
    ],
    [
      "a member with rate limits",
      () => world.member,
      () => ({ rate_limits: { requests_per_minute: 1 } }),
      { code: "forbidden" },
    ],
    [
      "an organization's admin who binds it to a provider",
      () => world.orgAdmin,
      () => ({ provider_id: providerId }),
      { code: "forbidden" },
    ],
    [
      "an organization's admin who gives its value",
      () => world.orgAdmin,
      () => ({ key: "an-imported-key-value" }),
      { code: "forbidden" },
    ],
    [
      "an organization's admin in another organization",
      () => world.orgAdmin,
      () => ({ organization_id: world.b.id }),
      { code: "not_found", fields: { organization_id: "Organization not found." } },
    ],
    [
      "an organization's admin for another organization's person",
      () => world.orgAdmin,
      () => ({ user_id: world.orgAdminOfB.id }),
      { code: "not_found", fields: { user_id: "User not found." } },
    ],
    [
      "an administrator for a person of another organization",
      () => world.admin,
      () => ({ organization_id: world.b.id, user_id: world.member.id }),
      { code: "invalid", fields: { user_id: expect.any(String) } },
    ],
    [
      "an administrator for a person of no organization",
      () => world.admin,
      () => ({ user_id: world.admin.id }),
      { code: "invalid", fields: { user_id: expect.any(String) } },
    ],
    [
      "an administrator without an owner",
      () => world.admin,
      () => ({}),
      { code: "invalid", fields: { organization_id: expect.any(String) } },
    ],
    [
      "an administrator with a provider that is not there",
      () => world.admin,
      () => ({ organization_id: world.b.id, provider_id: "00000000-0000-4000-8000-000000000000" }),
      { code: "not_found", fields: { provider_id: expect.any(String) } },
    ],
    [
      "an administrator with a value that is short",
      () => world.admin,
      () => ({ organization_id: world.b.id, key: "sevenly" }),
      { code: "invalid", fields: { key: expect.any(String) } },
    ],
    [
      "an administrator with a value that has a space",
      () => world.admin,
      () => ({ organization_id: world.b.id, key: "sixteen letters and more" }),
      { code: "invalid", fields: { key: expect.any(String) } },
    ],
    [
      "an administrator with a mistyped Tollgate key",
      () => world.admin,
      () => ({ organization_id: world.b.id, key: "tg_live_0123456789" }),
      { code: "invalid", fields: { key: expect.any(String) } },
    ],
    [
      "anybody with no name",
      () => world.orgAdmin,
      () => ({ name: "  " }),
      { fields: { name: "Enter a name." } },
    ],
    [
      "anybody with a name of control characters",
      () => world.orgAdmin,
      () => ({ name: "a\u0000b" }),
      { fields: { name: expect.any(String) } },
    ],
    [
      "anybody with an address that is none",
      () => world.orgAdmin,
      () => ({ allowed_ips: ["10.0.0.1", "10.0.0.0/40"] }),
      { fields: { "allowed_ips.1": expect.any(String) } },
    ],
    [
      "anybody with an expiry in the past",
      () => world.orgAdmin,
      () => ({ expires_at: new Date(Date.now() - 1000).toISOString() }),
      { fields: { expires_at: expect.any(String) } },
    ],
    [
      "anybody with an expiry that is no date",
      () => world.orgAdmin,
      () => ({ expires_at: "" }),
      { fields: { expires_at: expect.any(String) } },
    ],
    [
      "anybody with a field that does not exist",
      () => world.orgAdmin,
      () => ({ allowedModels: ["small"] }),
      { code: "invalid", message: expect.stringContaining("allowedModels") },
    ],
  ])("is refused to %s, and leaves nothing behind", async (_who, actor, input, refusal) => {
    const before = [await world.db.$count(apiKeys), await world.db.$count(auditLog)];
    await expect(createKey(world.as(actor()), { name: "no", ...input() })).rejects.toMatchObject(refusal);
    expect([await world.db.$count(apiKeys), await world.db.$count(auditLog)]).toEqual(before);
  });
});
