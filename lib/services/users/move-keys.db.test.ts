import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { apiKeys } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { createKey } from "#lib/services/keys/create-key";
import { getKey } from "#lib/services/keys/get-key";
import { revokeKey } from "#lib/services/keys/revoke-key";
import { rotateKey } from "#lib/services/keys/rotate-key";
import { updateKey } from "#lib/services/keys/update-key";
import type { MemberKeys } from "#lib/services/organizations/member-keys";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { worldOfFile } from "#lib/services/testing/world";
import { newUser } from "./testing/users";
import { updateUser } from "./update-user";

const world = await worldOfFile();
const asAdmin = () => world.as(world.admin);
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
const setMemberKeys = (member_keys: MemberKeys | null) =>
  updateOrganization(asAdmin(), { id: world.b.id, member_keys });
const move = (id: string) => updateUser(asAdmin(), { id, organization_id: world.b.id });
const newKey = (user_id: string, name: string, expires_at: string | null = null) =>
  createKey(asAdmin(), { user_id, name, expires_at });
/** What the audit log says of the last change of a user. */
const lastAudit = async (id: string) => (await world.auditOf(id)).at(-1)?.after;

let id: string;
beforeEach(async () => {
  await setMemberKeys(null);
  ({ id } = await newUser(world));
});

test("rejects a move with more active keys than the organization allows, and says how many to revoke", async () => {
  const keys = await Promise.all(["one", "two", "three"].map((name) => newKey(id, name)));
  await setMemberKeys({ max: 1 });
  await expect(move(id)).rejects.toMatchObject({
    code: "invalid",
    fields: {
      organization_id: expect.stringMatching(
        /max is 1, and the user has 3 active keys: revoke or delete 2 first/,
      ),
    },
  });
  expect(await getKey(asAdmin(), { id: keys[0]?.id ?? "" })).toMatchObject({ organization_id: world.a.id });
  await revokeKey(asAdmin(), { id: keys[0]?.id ?? "" });
  await updateKey(asAdmin(), { id: keys[1]?.id ?? "", expires_at: "2020-01-01T00:00:00Z" });
  expect(await move(id)).toMatchObject({ organization_id: world.b.id });
  expect(await world.db.$count(apiKeys, eq(apiKeys.organizationId, world.b.id))).toBeGreaterThanOrEqual(3);
});

test("rejects any active key where people may have none", async () => {
  await newKey(id, "one");
  await setMemberKeys({ max: 0 });
  await expect(move(id)).rejects.toMatchObject({
    fields: {
      organization_id: expect.stringContaining("the user has 1 active key: revoke or delete 1 first"),
    },
  });
});

test("shortens later ends to max_days, and the audit log names those keys only", async () => {
  const endless = await newKey(id, "endless");
  const late = await newKey(id, "late", inDays(90));
  const soon = await newKey(id, "soon", inDays(2));
  const revoked = await newKey(id, "revoked");
  await revokeKey(asAdmin(), { id: revoked.id });
  await setMemberKeys({ max: 5, max_days: 30 });
  const earliest = Date.now() + 30 * DAY_MS;
  await move(id);
  for (const { id: shortened } of [endless, late]) {
    const { expires_at } = await getKey(world.as(world.orgAdminOfB), { id: shortened });
    expect(Date.parse(expires_at ?? "")).toBeGreaterThanOrEqual(earliest);
    expect(Date.parse(expires_at ?? "")).toBeLessThanOrEqual(Date.now() + 30 * DAY_MS);
  }
  expect(await getKey(asAdmin(), { id: soon.id })).toMatchObject({ expires_at: soon.expires_at });
  expect(await getKey(asAdmin(), { id: revoked.id })).toMatchObject({ expires_at: null });
  const audit = await lastAudit(id);
  expect(audit).toMatchObject({ moved_api_keys: 4, shortened_api_keys: expect.any(Array) });
  expect([...Reflect.get(Object(audit), "shortened_api_keys")].sort()).toEqual([
    `endless (${endless.id})`,
    `late (${late.id})`,
  ]);
});

test("without max_days changes no end, and audits none", async () => {
  const { id: key } = await newKey(id, "endless");
  await setMemberKeys({ max: 1, allowed_ips: ["10.0.0.0/8"] });
  await move(id);
  expect(await getKey(asAdmin(), { id: key })).toMatchObject({ expires_at: null, allowed_ips: null });
  expect(await lastAudit(id)).not.toHaveProperty("shortened_api_keys");
});

test("lets no key be created during a move beyond what the new organization allows", {
  repeats: 4,
}, async () => {
  const { id: key } = await newKey(id, "one");
  await setMemberKeys({ max: 1 });
  const outcomes = await Promise.allSettled([
    newKey(id, "two"),
    move(id),
    newKey(id, "three"),
    rotateKey(asAdmin(), { id: key }),
    updateKey(asAdmin(), { id: key, expires_at: inDays(2) }),
    newKey(id, "four"),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(ServiceError);
  }
  const rows = await world.db.select().from(apiKeys).where(eq(apiKeys.userId, id));
  const inB = rows.filter(({ organizationId }) => organizationId === world.b.id);
  expect(inB.length).toBeLessThanOrEqual(1);
  expect(new Set(rows.map(({ organizationId }) => organizationId)).size).toBe(1);
});
