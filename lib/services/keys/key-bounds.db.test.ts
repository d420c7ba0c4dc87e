import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { apiKeys } from "#lib/db/schema/identity";
import type { MemberKeys } from "#lib/services/organizations/member-keys";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { updateUser } from "#lib/services/users/update-user";
import type { InputOf } from "#lib/services/verb";
import { createKey } from "./create-key";
import { revokeKey } from "./revoke-key";
import { rotateKey } from "./rotate-key";
import { updateKey } from "./update-key";

const world = await worldOfFile();
const asMember = () => world.as(world.member);
const asOrgAdmin = () => world.as(world.orgAdmin);

const setOrganization = (bounds: { allowed_models?: string[] | null; member_keys?: MemberKeys | null }) =>
  updateOrganization(world.as(world.admin), { id: world.a.id, ...bounds });
const setUser = (allowed_models: string[] | null) =>
  updateUser(asOrgAdmin(), { id: world.member.id, allowed_models });
const create = (input: Partial<InputOf<typeof createKey>> = {}) =>
  createKey(asMember(), { name: "mine", ...input });
type Changes = Omit<InputOf<typeof updateKey>, "id">;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
/** Expects an error for one field that names the bound and what it allows. */
const expectBound = (run: Promise<unknown>, field: string, ...words: string[]) =>
  expect(run).rejects.toMatchObject({
    code: "invalid",
    fields: { [field]: expect.stringMatching(new RegExp(words.join(".*"), "s")) },
  });

beforeEach(async () => {
  await setOrganization({ allowed_models: null, member_keys: null });
  await setUser(null);
  await world.db.delete(apiKeys).where(eq(apiKeys.userId, world.member.id));
});

describe("models of a key", () => {
  test("are within the organization's, whatever its owner", async () => {
    await setOrganization({ allowed_models: ["small"] });
    await expectBound(
      create({ allowed_models: ["small", "large"] }),
      "allowed_models",
      "organization",
      "large",
      "small",
    );
    await expectBound(
      createKey(asOrgAdmin(), { name: "shared", allowed_models: ["large"] }),
      "allowed_models",
      "organization",
    );
    expect(await create({ allowed_models: ["small"] })).toMatchObject({ allowed_models: ["small"] });
    expect(await create({ allowed_models: [] })).toMatchObject({ allowed_models: [] });
  });

  test("are within the user's, and an administrator is told the same", async () => {
    await setUser(["large"]);
    await expectBound(create({ allowed_models: ["small"] }), "allowed_models", "user", "small", "large");
    await expectBound(
      createKey(world.as(world.admin), { name: "x", user_id: world.member.id, allowed_models: ["small"] }),
      "allowed_models",
      "user",
    );
  });

  test("may be named by an alias of an allowed model, and the other way round", async () => {
    await setOrganization({ allowed_models: ["small"] });
    await setUser(["tiny"]);
    expect(await create({ allowed_models: ["tiny"] })).toMatchObject({ allowed_models: ["tiny"] });
    expect(await create({ allowed_models: ["small"] })).toMatchObject({ allowed_models: ["small"] });
  });

  test("are judged when they change, and only then", async () => {
    const { id } = await create({ allowed_models: ["small", "large"] });
    await setOrganization({ allowed_models: ["small"] });
    expect(
      await updateKey(asOrgAdmin(), { id, name: "renamed", allowed_models: ["small", "large"] }),
    ).toMatchObject({
      name: "renamed",
    });
    await expectBound(updateKey(asOrgAdmin(), { id, allowed_models: ["large"] }), "allowed_models", "small");
    expect(await updateKey(asOrgAdmin(), { id, allowed_models: ["small"] })).toMatchObject({
      allowed_models: ["small"],
    });
  });

  test("that a bound allows none of are only none", async () => {
    await setOrganization({ allowed_models: [] });
    await expectBound(create({ allowed_models: ["small"] }), "allowed_models", "none");
  });
});

describe("addresses of a member's key", () => {
  const member_keys = { max: 5, allowed_ips: ["10.0.0.0/8", "2001:db8::/32"] };

  test("are within the organization's for members", async () => {
    await setOrganization({ member_keys });
    for (const wide of ["0.0.0.0/0", "192.0.2.1", "10.0.0.0/7", "::/0"]) {
      await expectBound(
        create({ allowed_ips: ["10.1.2.3", wide] }),
        "allowed_ips",
        "member_keys",
        "10.0.0.0/8",
      );
    }
    expect(await create({ allowed_ips: ["10.1.2.3", "2001:db8:1::/48"] })).toMatchObject({
      user_id: world.member.id,
    });
  });

  test("bind no key of the organization itself", async () => {
    await setOrganization({ member_keys });
    const { id } = await createKey(asOrgAdmin(), { name: "ci", allowed_ips: ["192.0.2.1"] });
    expect(await updateKey(asOrgAdmin(), { id, allowed_ips: null })).toMatchObject({ allowed_ips: null });
  });

  test("are judged when they change", async () => {
    await setOrganization({ member_keys });
    const { id } = await create();
    await expectBound(
      updateKey(asOrgAdmin(), { id, allowed_ips: ["192.0.2.1"] }),
      "allowed_ips",
      "member_keys",
    );
  });
});

describe("the end of a member's key", () => {
  const bound = { member_keys: { max: 5, max_days: 30 } };

  test("is at most max_days ahead: neither none nor a later one", async () => {
    await setOrganization(bound);
    await expectBound(create(), "expires_at", "max_days is 30", "Z or earlier");
    await expectBound(create({ expires_at: inDays(31) }), "expires_at", "max_days is 30");
    expect(await create({ expires_at: inDays(29) })).toMatchObject({ status: "active" });
    expect(await createKey(asOrgAdmin(), { name: "ci" })).toMatchObject({ expires_at: null });
  });

  test("is judged when it changes", async () => {
    await setOrganization(bound);
    const { id } = await create({ expires_at: inDays(1) });
    await expectBound(updateKey(asOrgAdmin(), { id, expires_at: null }), "expires_at", "max_days");
    await expectBound(updateKey(asOrgAdmin(), { id, expires_at: inDays(31) }), "expires_at", "max_days");
    const expires_at = inDays(20);
    expect(await updateKey(asOrgAdmin(), { id, expires_at })).toMatchObject({ expires_at });
  });

  test("comes at most max_days after a rotation, which never postpones it", async () => {
    const endless = await create();
    const expires_at = inDays(2);
    const short = await create({ expires_at });
    await setOrganization(bound);
    const rotated = await rotateKey(asMember(), { id: endless.id });
    expect(Date.parse(rotated.expires_at ?? "")).toBeGreaterThan(Date.parse(inDays(29)));
    expect(Date.parse(rotated.expires_at ?? "")).toBeLessThanOrEqual(Date.parse(inDays(30)));
    expect(await rotateKey(asMember(), { id: short.id })).toMatchObject({ expires_at });
  });
});

describe("the number of a person's keys", () => {
  test("is at most max, without revoked and expired ones", async () => {
    await setOrganization({ member_keys: { max: 2 } });
    const first = await create();
    const second = await create();
    await expectBound(create(), "user_id", "max is 2");
    await expectBound(
      createKey(world.as(world.admin), { name: "x", user_id: world.member.id }),
      "user_id",
      "max is 2",
    );
    await revokeKey(asMember(), { id: first.id });
    await updateKey(asOrgAdmin(), { id: second.id, expires_at: "2020-01-01T00:00:00Z" });
    await create();
    await create();
    await expectBound(updateKey(asOrgAdmin(), { id: second.id, expires_at: null }), "user_id", "max is 2");
    await createKey(world.as(world.other), { name: "another person's" }).then(({ user_id }) =>
      expect(user_id).toBe(world.other.id),
    );
  });

  test("is judged when a key gets a later end, but not an earlier one", async () => {
    await create();
    const { id } = await create({ expires_at: inDays(5) });
    await setOrganization({ member_keys: { max: 1 } });
    for (const expires_at of [inDays(6), null]) {
      await expectBound(updateKey(asOrgAdmin(), { id, expires_at }), "user_id", "max is 1", "revoke one");
    }
    const expires_at = inDays(4);
    expect(await updateKey(asOrgAdmin(), { id, expires_at, name: "sooner" })).toMatchObject({ expires_at });
  });

  test("of zero allows none", async () => {
    await setOrganization({ member_keys: { max: 0 } });
    await expectBound(create(), "user_id", "max is 0");
    expect(await createKey(asOrgAdmin(), { name: "ci" })).toMatchObject({ user_id: null });
  });

  test("is not exceeded by ten creates at once", async () => {
    await setOrganization({ member_keys: { max: 3 } });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => create()));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(await world.db.$count(apiKeys, eq(apiKeys.userId, world.member.id))).toBe(3);
  });

  test("allows a rotation, which replaces a key, but not in excess", async () => {
    const { id } = await create();
    await setOrganization({ member_keys: { max: 1 } });
    await rotateKey(asMember(), { id, grace_seconds: 60 });
    await setOrganization({ member_keys: null });
    await create();
    await setOrganization({ member_keys: { max: 1 } });
    await expectBound(rotateKey(asMember(), { id }), "user_id", "max is 1");
  });
});

describe("who sets bounds", () => {
  test("member_keys: an org_admin of the organization, who may not set its allowed_models", async () => {
    const member_keys = { max: 1, max_days: 7, allowed_ips: ["10.1.2.3/8"] };
    expect(await updateOrganization(asOrgAdmin(), { id: world.a.id, member_keys })).toMatchObject({
      member_keys: { ...member_keys, allowed_ips: ["10.0.0.0/8"] },
    });
    await expectForbidden(() =>
      updateOrganization(asOrgAdmin(), { id: world.a.id, allowed_models: ["small"] }),
    );
    await expectForbidden(() => updateOrganization(asMember(), { id: world.a.id, member_keys: null }));
  });

  test("a user's allowed_models: an org_admin, not the user", async () => {
    expect(await setUser(["small"])).toMatchObject({ allowed_models: ["small"] });
    await expectForbidden(() => updateUser(asMember(), { id: world.member.id, allowed_models: null }));
  });

  const bounded: [field: string, bound: Changes, undone: Changes][] = [
    ["budget", { budget: { limit_usd: "0", period: "month" } }, { budget: null }],
    ["rate_limits", { rate_limits: { requests_per_minute: 1 } }, { rate_limits: null }],
    ["allowed_models", { allowed_models: ["small"] }, { allowed_models: null }],
    ["allowed_ips", { allowed_ips: ["10.0.0.1"] }, { allowed_ips: null }],
    ["expires_at", { expires_at: inDays(1) }, { expires_at: null }],
  ];

  test.each(bounded)("a member may not undo the %s of a key of theirs", async (_field, bound, undone) => {
    const { id } = await create();
    await updateKey(asOrgAdmin(), { id, ...bound });
    await expectForbidden(() => updateKey(asMember(), { id, ...undone }));
  });
});
