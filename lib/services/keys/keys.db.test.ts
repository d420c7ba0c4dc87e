import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { isPlausibleKey } from "#lib/auth/api-key";
import { apiKeys, auditLog } from "#lib/db/schema/identity";
import { createWorld, hashSecret, type World } from "#lib/services/testing/world";
import { createKey } from "./create-key";
import { keyFormOptions } from "./key-form-options";
import { listKeys } from "./list-keys";
import { revokeKey } from "./revoke-key";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.drop());

const auditOf = (subjectId: string) =>
  world.db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(asc(auditLog.id));
const namesFor = async (actor: Actor, query = {}) =>
  (await listKeys(world.as(actor), { limit: 200, ...query })).data.map((key) => key.name).sort();

describe("listing keys", () => {
  it("shows administrators all, an organization's people theirs, a member their own, a stray none", async () => {
    expect(await namesFor(world.admin)).toEqual(["a-member", "a-org", "a-other", "b-org"]);
    expect(await namesFor(world.orgAdmin)).toEqual(["a-member", "a-org", "a-other"]);
    expect(await namesFor(world.viewer)).toEqual(["a-member", "a-org", "a-other"]);
    expect(await namesFor(world.member)).toEqual(["a-member"]);
    expect(await namesFor(world.orgAdminOfB)).toEqual(["b-org"]);
    expect(await namesFor(world.stray)).toEqual([]);
  });

  it("tells who may revoke what", async () => {
    const revocable = async (actor: Actor) =>
      (await listKeys(world.as(actor))).data.filter((key) => key.mayRevoke).length;
    expect(await revocable(world.admin)).toBe(4);
    expect(await revocable(world.orgAdmin)).toBe(3);
    expect(await revocable(world.member)).toBe(1);
    expect(await revocable(world.viewer)).toBe(0);
  });

  it("adds up this month's spend exactly, and knows when a key was last used, adjustments aside", async () => {
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
    const { items } = await listKeys(world.as(world.other));
    expect(items[0]).toMatchObject({
      spentThisMonthUsd: "0.3",
      requestsThisMonth: 4,
      lastUsedAt: usedAt.toISOString(),
      status: "active",
      owner: { id: world.other.id, name: "other" },
      organization: { id: world.a.id, name: "A" },
    });
  });

  it("pages without losing or repeating a key, whatever is added meanwhile", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listKeys(world.as(world.admin), { limit: 1, cursor });
      seen.push(...page.data.map((key) => key.name));
      if (seen.length === 2)
        await createKey(world.as(world.admin), { name: "late", organizationId: world.b.id });
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen.sort()).toEqual(["a-member", "a-org", "a-other", "b-org"]);
  });

  it("finds by name and prefix, and takes % and _ for what they are", async () => {
    expect(await namesFor(world.admin, { search: "MEMBER" })).toEqual(["a-member"]);
    expect(await namesFor(world.admin, { search: "tg_test_b" })).toEqual(["b-org"]);
    expect(await namesFor(world.admin, { search: "%" })).toEqual([]);
    expect(await namesFor(world.admin, { search: "a_org" })).toEqual([]);
  });

  it("tells active, expired and revoked keys apart", async () => {
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

  it("refuses a cursor that is none", async () => {
    await expect(listKeys(world.as(world.admin), { cursor: "1; drop table ledger" })).rejects.toMatchObject({
      code: "invalid",
      fields: { cursor: expect.any(String) },
    });
  });
});

describe("creating a key", () => {
  it("gives the secret once, keeps only its hash, and says so in the audit log without either", async () => {
    const created = await createKey(world.as(world.orgAdmin), {
      name: "  billing  ",
      allowedModels: ["small", "tiny"],
    });
    expect(created.name).toBe("billing");
    expect(created.secret).toMatch(/^tg_live_[0-9A-Za-z]{38}$/);
    expect(isPlausibleKey(created.secret)).toBe(true);
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, created.id));
    expect(row).toMatchObject({
      organizationId: world.a.id,
      userId: null,
      allowedModels: ["small", "tiny"],
      createdBy: world.orgAdmin.id,
    });
    expect(row?.keyHash.equals(hashSecret(created.secret))).toBe(true);
    const [audit] = await auditOf(created.id);
    expect(audit).toMatchObject({
      action: "api_key.create",
      actorId: world.orgAdmin.id,
      organizationId: world.a.id,
      ip: "192.0.2.7",
      after: { name: "billing", prefix: created.prefix },
    });
    const listed = await listKeys(world.as(world.admin), { search: "billing" });
    for (const text of [JSON.stringify(audit), JSON.stringify(listed)]) {
      expect(text).not.toContain(created.secret);
      expect(text).not.toContain(hashSecret(created.secret).toString("hex"));
      expect(text).not.toContain(hashSecret(created.secret).toString("base64"));
      expect(text.toLowerCase()).not.toContain("hash");
    }
  });

  it("makes a member's key their own, in their own organization", async () => {
    const { id } = await createKey(world.as(world.member), { name: "mine" });
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, id));
    expect(row).toMatchObject({ organizationId: world.a.id, userId: world.member.id });
  });

  it.each<[string, () => Actor, () => object, object]>([
    ["a viewer at all", () => world.viewer, () => ({}), { code: "forbidden" }],
    ["somebody of no organization", () => world.stray, () => ({}), { code: "forbidden" }],
    ["a member for another", () => world.member, () => ({ userId: world.other.id }), { code: "forbidden" }],
    [
      "an organization's admin in another organization",
      () => world.orgAdmin,
      () => ({ organizationId: world.b.id }),
      { fields: { organizationId: "There is no such organization." } },
    ],
    [
      "an organization's admin for another organization's person",
      () => world.orgAdmin,
      () => ({ userId: world.orgAdminOfB.id }),
      { fields: { userId: expect.any(String) } },
    ],
    [
      "an administrator for a person of another organization",
      () => world.admin,
      () => ({ organizationId: world.b.id, userId: world.member.id }),
      { fields: { userId: expect.any(String) } },
    ],
    [
      "an administrator without an organization",
      () => world.admin,
      () => ({}),
      { fields: { organizationId: expect.any(String) } },
    ],
    [
      "anybody with no name",
      () => world.orgAdmin,
      () => ({ name: "  " }),
      { fields: { name: "Give the key a name." } },
    ],
    [
      "anybody with a name of control characters",
      () => world.orgAdmin,
      () => ({ name: "a\u0000b" }),
      { fields: { name: expect.any(String) } },
    ],
    [
      "anybody for a model that is not there",
      () => world.orgAdmin,
      () => ({ allowedModels: ["small", "smal"] }),
      { fields: { allowedModels: 'There is no model "smal".' } },
    ],
    [
      "anybody with an expiry in the past",
      () => world.orgAdmin,
      () => ({ expiresAt: new Date(Date.now() - 1000).toISOString() }),
      { fields: { expiresAt: expect.any(String) } },
    ],
    [
      "anybody with an expiry that is no date",
      () => world.orgAdmin,
      () => ({ expiresAt: "" }),
      { fields: { expiresAt: "Give a date." } },
    ],
  ])("is refused to %s, and leaves nothing behind", async (_who, actor, input, refusal) => {
    const before = [await world.db.$count(apiKeys), await world.db.$count(auditLog)];
    await expect(createKey(world.as(actor()), { name: "no", ...input() })).rejects.toMatchObject(refusal);
    expect([await world.db.$count(apiKeys), await world.db.$count(auditLog)]).toEqual(before);
  });

  it("is offered to those who may, with what they may choose from", async () => {
    expect(await keyFormOptions(world.as(world.viewer))).toBeNull();
    expect(await keyFormOptions(world.as(world.stray))).toBeNull();
    const forMember = await keyFormOptions(world.as(world.member));
    expect(forMember).toMatchObject({
      organizations: [{ name: "A" }],
      users: [],
      models: ["large", "small"],
    });
    const forOrgAdmin = await keyFormOptions(world.as(world.orgAdmin));
    expect(forOrgAdmin?.organizations.map((each) => each.name)).toEqual(["A"]);
    expect(forOrgAdmin?.users.map((each) => each.name)).toEqual(["member", "org-admin", "other", "viewer"]);
    const forAdmin = await keyFormOptions(world.as(world.admin));
    expect(forAdmin?.organizations.map((each) => each.name)).toEqual(["A", "B"]);
    expect(forAdmin?.users.map((each) => each.name)).toContain("org-admin-b");
  });
});

describe("revoking a key", () => {
  const newKey = async (owner: { organizationId: string; userId?: string }) =>
    (await createKey(world.as(world.admin), { name: "to revoke", ...owner })).id;

  it("ends it, raises its version so that caches notice, and is audited once however often it is done", async () => {
    const id = await newKey({ organizationId: world.a.id });
    const first = await revokeKey(world.as(world.orgAdmin), { id });
    const second = await revokeKey(world.as(world.admin), { id });
    expect(second).toEqual(first);
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, id));
    expect(row?.revokedAt?.toISOString()).toBe(first.revokedAt);
    expect(row?.version).toBe(2);
    const audit = await auditOf(id);
    expect(audit.map((entry) => entry.action)).toEqual(["api_key.create", "api_key.revoke"]);
    expect(audit[1]).toMatchObject({
      actorId: world.orgAdmin.id,
      before: { revokedAt: null },
      after: { revokedAt: first.revokedAt },
    });
  });

  it("is a member's right over their own keys only", async () => {
    const own = await newKey({ organizationId: world.a.id, userId: world.member.id });
    await expect(revokeKey(world.as(world.member), { id: own })).resolves.toMatchObject({ id: own });
    await expect(revokeKey(world.as(world.member), { id: world.a.otherKey })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("is forbidden to a viewer, who sees the key", async () => {
    await expect(revokeKey(world.as(world.viewer), { id: world.a.orgKey })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("of another organization's key looks as if there were none", async () => {
    const missing = await revokeKey(world.as(world.orgAdmin), {
      id: "00000000-0000-4000-8000-000000000000",
    }).catch(String);
    const foreign = await revokeKey(world.as(world.orgAdmin), { id: world.b.orgKey }).catch(String);
    expect(foreign).toBe(missing);
    const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, world.b.orgKey));
    expect(row?.revokedAt).toBeNull();
  });
});
