import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { hashOfKey } from "#lib/auth/key-hash";
import { ledger } from "#lib/db/schema/credit";
import { apiKeys } from "#lib/db/schema/identity";
import { hashSecret, UNKNOWN_ID } from "#lib/services/testing/context";
import { expectForbidden, rejection } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createKey } from "./create-key";
import { deleteKey } from "./delete-key";
import { getKey } from "./get-key";
import type { Key, NewKey } from "./key";
import { keyUsage } from "./key-usage";
import { revokeKey } from "./revoke-key";
import { rotateKey } from "./rotate-key";
import { updateKey } from "./update-key";

const world = await worldOfFile();
const { id: providerId } = await world.addProvider("upstream");
/** A new key of the member for each test. */
let key: NewKey;

beforeEach(async () => {
  key = await createKey(world.as(world.admin), { name: "ours", user_id: world.member.id });
});

const rowOf = async (id: string) => {
  const [row] = await world.db.select().from(apiKeys).where(eq(apiKeys.id, id));
  if (row === undefined) throw new Error("key not found");
  return row;
};
const actionsOn = async (id: string) => (await world.auditOf(id)).map((entry) => entry.action);

describe("each verb on a key", () => {
  const verbs: [string, (actor: Actor, id: string) => Promise<unknown>][] = [
    ["reading", (actor, id) => getKey(world.as(actor), { id })],
    ["reading the usage of", (actor, id) => keyUsage(world.as(actor), { id })],
    ["updating", (actor, id) => updateKey(world.as(actor), { id, name: "renamed" })],
    ["rotating", (actor, id) => rotateKey(world.as(actor), { id })],
    ["revoking", (actor, id) => revokeKey(world.as(actor), { id })],
    ["deleting", (actor, id) => deleteKey(world.as(actor), { id })],
  ];

  test.each(verbs)("%s a key is allowed for its managers", async (_, verb) => {
    for (const actor of [world.admin, world.orgAdmin, world.member]) {
      const { id } = await createKey(world.as(world.admin), { name: "x", user_id: world.member.id });
      await verb(actor, id);
    }
  });

  test.each(verbs)("%s a key out of sight is answered like an unknown id", async (_, verb) => {
    const outsiders = [world.orgAdminOfB, world.other, world.stray];
    for (const actor of outsiders) {
      const foreign = await verb(actor, key.id).catch(String);
      expect(foreign).toBe(await verb(actor, UNKNOWN_ID).catch(String));
      expect(foreign).toMatch(/Key not found|needs at least the role member/);
    }
    await expect(verb(world.admin, "not-a-uuid")).rejects.toMatchObject({ code: "not_found" });
    expect(await actionsOn(key.id)).toEqual(["api_key.create"]);
  });

  test.each(verbs.slice(2))("%s a key is forbidden to a viewer who sees it", async (_, verb) => {
    await expect(getKey(world.as(world.viewer), { id: key.id })).resolves.toMatchObject({
      may_manage: false,
    });
    await expectForbidden(() => verb(world.viewer, key.id));
    expect((await rowOf(key.id)).version).toBe(1);
  });
});

describe("updating a key", () => {
  test("sets only the given fields, increments the version, and audits before and after", async () => {
    const before = await getKey(world.as(world.admin), { id: key.id });
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    const changes = {
      name: "theirs",
      budget: { limit_usd: "5", period: "week" as const, soft_limit_percent: 80 },
      rate_limits: { tokens_per_minute: 1000 },
      allowed_models: ["small"],
      allowed_ips: ["2001:db8::/32"],
      provider_id: providerId,
      tags: ["a"],
      expires_at,
    };
    const after = await updateKey(world.as(world.admin), { id: key.id, ...changes });
    expect(after).toEqual({ ...before, ...changes });
    expect((await rowOf(key.id)).version).toBe(2);
    const audit = (await world.auditOf(key.id)).at(-1);
    expect(audit).toMatchObject({
      action: "api_key.update",
      before: { name: "ours", budget: null },
      after: { ...changes, organization_id: world.a.id },
    });
    expect(JSON.stringify(audit).toLowerCase()).not.toContain("hash");
  });

  test("removes limits with null", async () => {
    const bounded = {
      budget: { limit_usd: "0", period: "day" as const },
      allowed_models: [],
      allowed_ips: [],
      provider_id: providerId,
    };
    const set = await updateKey(world.as(world.admin), { id: key.id, ...bounded });
    expect(set).toMatchObject({ allowed_models: [], allowed_ips: [], budget: { limit_usd: "0" } });
    const none = { budget: null, allowed_models: null, allowed_ips: null, provider_id: null };
    expect(await updateKey(world.as(world.admin), { id: key.id, ...none })).toMatchObject(none);
  });

  test("writes nothing without a change", async () => {
    await updateKey(world.as(world.orgAdmin), { id: key.id, name: "ours", tags: [], provider_id: null });
    expect((await rowOf(key.id)).version).toBe(1);
    expect(await actionsOn(key.id)).toEqual(["api_key.create"]);
  });

  test("expires a key at once, or revives an expired one", async () => {
    const past = new Date(Date.now() - 1000).toISOString();
    expect(await updateKey(world.as(world.orgAdmin), { id: key.id, expires_at: past })).toMatchObject({
      status: "expired",
    });
    expect(await updateKey(world.as(world.orgAdmin), { id: key.id, expires_at: null })).toMatchObject({
      status: "active",
    });
  });

  test("lets a member rename and tag their key, and resend unchanged fields", async () => {
    const input = { id: key.id, name: "mine", tags: ["home"], allowed_models: null, budget: null };
    expect(await updateKey(world.as(world.member), input)).toMatchObject({ name: "mine", tags: ["home"] });
  });

  test.each<[string, object]>([
    ["models", { allowed_models: ["small"] }],
    ["addresses", { allowed_ips: ["10.0.0.0/8"] }],
    ["budget", { budget: { limit_usd: "1000", period: "day" } }],
    ["rate limits", { rate_limits: { requests_per_minute: 1 } }],
    ["expiry", { expires_at: "2099-01-01T00:00:00Z" }],
  ])("rejects a member who changes its %s", async (_, changes) => {
    await expectForbidden(() => updateKey(world.as(world.member), { id: key.id, name: "mine", ...changes }));
    expect((await rowOf(key.id)).name).toBe("ours");
  });

  test("lets only administrators set the provider", async () => {
    await expectForbidden(() => updateKey(world.as(world.orgAdmin), { id: key.id, provider_id: providerId }));
    await expect(
      updateKey(world.as(world.admin), { id: key.id, provider_id: UNKNOWN_ID }),
    ).rejects.toMatchObject(rejection("not_found", "provider_id"));
  });
});

describe("rotating a key", () => {
  test("without a grace period replaces its value at once", async () => {
    const rotated = await rotateKey(world.as(world.member), { id: key.id });
    expect(rotated).toMatchObject({ id: key.id, previous_key_expires_at: null });
    expect(rotated.key).not.toBe(key.key);
    const row = await rowOf(key.id);
    expect(row.keyHash.equals(hashOfKey(hashSecret, rotated.key))).toBe(true);
    expect(row).toMatchObject({ previousKeyHash: null, previousKeyExpiresAt: null, version: 2 });
    expect(row.keyPrefix).toBe(rotated.key.slice(0, 12));
    const audit = (await world.auditOf(key.id)).at(-1);
    expect(audit).toMatchObject({
      action: "api_key.rotate",
      before: { key_prefix: key.key_prefix },
      after: { key_prefix: rotated.key_prefix },
    });
    expect(JSON.stringify(audit)).not.toContain(rotated.key);
    expect(JSON.stringify(audit).toLowerCase()).not.toContain("hash");
  });

  test("with a grace period keeps the hash of the last value only", async () => {
    const first = await rotateKey(world.as(world.orgAdmin), { id: key.id, grace_seconds: 60 });
    const ends = Date.parse(first.previous_key_expires_at ?? "");
    expect(Math.abs(ends - Date.now() - 60_000)).toBeLessThan(10_000);
    expect((await rowOf(key.id)).previousKeyHash?.equals(hashOfKey(hashSecret, key.key))).toBe(true);
    await rotateKey(world.as(world.orgAdmin), { id: key.id, grace_seconds: 60 });
    expect((await rowOf(key.id)).previousKeyHash?.equals(hashOfKey(hashSecret, first.key))).toBe(true);
  });

  test("hides a grace period that is over", async () => {
    await rotateKey(world.as(world.admin), { id: key.id, grace_seconds: 60 });
    const past = new Date(Date.now() - 1000);
    await world.db.update(apiKeys).set({ previousKeyExpiresAt: past }).where(eq(apiKeys.id, key.id));
    expect((await getKey(world.as(world.admin), { id: key.id })).previous_key_expires_at).toBeNull();
  });

  test("accepts a grace period of at most 30 days", async () => {
    const rotate = (grace_seconds: number) => rotateKey(world.as(world.admin), { id: key.id, grace_seconds });
    for (const seconds of [-1, 0.5, 2_592_001]) {
      await expect(rotate(seconds)).rejects.toMatchObject({ fields: { grace_seconds: expect.any(String) } });
    }
    await expect(rotate(2_592_000)).resolves.toBeDefined();
  });

  test.each<[string, Partial<typeof apiKeys.$inferInsert>]>([
    ["revoked", { revokedAt: new Date() }],
    ["expired", { expiresAt: new Date(Date.now() - 1000) }],
  ])("is rejected for a key that is %s", async (status, columns) => {
    await world.db.update(apiKeys).set(columns).where(eq(apiKeys.id, key.id));
    await expect(rotateKey(world.as(world.admin), { id: key.id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(status),
    });
  });
});

describe("revoking a key", () => {
  test("ends it and its previous value, can be repeated, and is audited once", async () => {
    await rotateKey(world.as(world.admin), { id: key.id, grace_seconds: 3600 });
    const first = await revokeKey(world.as(world.orgAdmin), { id: key.id });
    const second = await revokeKey(world.as(world.admin), { id: key.id });
    expect(first).toMatchObject({ status: "revoked", previous_key_expires_at: null });
    expect(second).toEqual<Key>(first);
    expect(await rowOf(key.id)).toMatchObject({
      previousKeyHash: null,
      previousKeyExpiresAt: null,
      version: 3,
    });
    expect(await actionsOn(key.id)).toEqual(["api_key.create", "api_key.rotate", "api_key.revoke"]);
    expect((await world.auditOf(key.id))[2]).toMatchObject({
      actorId: world.orgAdmin.id,
      before: { revoked_at: null },
      after: { revoked_at: first.revoked_at },
    });
  });
});

describe("deleting a key", () => {
  test("keeps its requests in the ledger and its settings in the audit log", async () => {
    const request = await world.addRequest({ apiKeyId: key.id, userId: world.member.id });
    await deleteKey(world.as(world.member), { id: key.id });
    await expect(getKey(world.as(world.admin), { id: key.id })).rejects.toMatchObject({ code: "not_found" });
    const [row] = await world.db.select().from(ledger).where(eq(ledger.id, request));
    expect(row).toMatchObject({ apiKeyId: key.id });
    expect((await world.auditOf(key.id)).at(-1)).toMatchObject({
      action: "api_key.delete",
      before: { name: "ours", key_prefix: key.key_prefix, user_id: world.member.id },
    });
  });
});

describe("a key's usage", () => {
  test("covers the month, or the budget's period if it has one", async () => {
    const usage = { apiKeyId: key.id, userId: world.member.id };
    await world.addUsage({ ...usage, requests: 2, inputTokens: 30, outputTokens: 7, costUsd: "0.5" });
    expect(await keyUsage(world.as(world.member), { id: key.id })).toMatchObject({
      budget: null,
      requests: 2,
      input_tokens: 30,
      output_tokens: 7,
      cost_usd: "0.5",
    });
    const budget = { limit_usd: "3", period: "day" as const };
    await updateKey(world.as(world.admin), { id: key.id, budget });
    expect(await keyUsage(world.as(world.viewer), { id: key.id })).toMatchObject({
      budget: { limit_usd: "3", spent_usd: "0.5", remaining_usd: "2.5" },
      requests: 2,
    });
  });
});
