import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import type { Role, UserActor } from "#lib/auth/actor";
import { readAdminToken } from "#lib/auth/admin-token";
import { apiKeys, apps, auditLog, users } from "#lib/db/schema/identity";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { hashSecret } from "#lib/services/testing/context";
import { createUser } from "#lib/services/users/create-user";
import { updateUser } from "#lib/services/users/update-user";
import { operations } from "./operations";
import { createTestApi, type Received } from "./testing/test-api";

const api = await createTestApi({ operations });
const { world } = api;
const asAdmin = world.as(world.admin);
let count = 0;
let who: { id: string };

/** Sends a request as the user `who`, with the rights they have now. */
async function send(path: string, body: object, key = `replay-${count}`): Promise<Received> {
  const [row] = await world.db.select().from(users).where(eq(users.id, who.id));
  if (row === undefined) throw new Error("the user is gone");
  const { id, role, organizationId } = row;
  const email = row.email ?? "";
  const actor: UserActor = { kind: "user", id, name: email, email, role, organizationId };
  api.session = actor;
  const headers = { "idempotency-key": key, origin: "http://portal.test" };
  return api.send("POST", path, { bearer: null, body, headers });
}

const become = (role: Role, organization_id: string | null) =>
  updateUser(asAdmin, { id: who.id, role, organization_id });

beforeEach(async () => {
  const email = `replayer-${++count}@example.com`;
  who = await createUser(asAdmin, { email, role: "admin", organization_id: null });
});

function expectReplay(first: Received, second: Received): void {
  expect(first.status).toBeLessThan(300);
  expect([second.status, second.text]).toEqual([first.status, first.text]);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
}

function expectNoSecret(first: Received, second: Received, status: number, code: string): void {
  expect(first.status).toBeLessThan(300);
  expect([second.status, second.body.error?.code]).toEqual([status, code]);
  for (const secret of [first.body.key, first.body.secret, first.body.token]) {
    if (typeof secret === "string") expect(second.text).not.toContain(secret);
  }
}

/** Requests whose answers have a secret, about organization B. */
const secretsOfB: [string, () => Promise<[string, object]>][] = [
  ["an app", async () => ["/apps", { name: "app", organization_id: world.b.id }]],
  ["a key", async () => ["/api-keys", { name: "key", organization_id: world.b.id }]],
  [
    "an admin token",
    async () => ["/admin-tokens", { name: "t", role: "org_admin", organization_id: world.b.id }],
  ],
  ["a rotated key", async () => [`/api-keys/${world.b.orgKey}/rotate`, {}]],
];

describe("a replay", () => {
  test.each(secretsOfB)(
    "of %s is answered while the caller may do it, without a second effect",
    async (_what, request) => {
      const [path, body] = await request();
      const first = await send(path, body);
      const before = [
        await world.db.$count(apps),
        await world.db.$count(apiKeys),
        await world.db.$count(auditLog),
      ];
      expectReplay(first, await send(path, body));
      expect([
        await world.db.$count(apps),
        await world.db.$count(apiKeys),
        await world.db.$count(auditLog),
      ]).toEqual(before);
    },
  );

  test.each(secretsOfB)(
    "of %s is rejected for an administrator who became another organization's",
    async (_what, request) => {
      const [path, body] = await request();
      const first = await send(path, body);
      await become("org_admin", world.a.id);
      const second = await send(path, body);
      expectNoSecret(first, second, 404, "not_found");
    },
  );

  test.each(secretsOfB)(
    "of %s is rejected for a former administrator who only reads",
    async (_what, request) => {
      const [path, body] = await request();
      const first = await send(path, body);
      await become("viewer", world.b.id);
      expectNoSecret(first, await send(path, body), 403, "forbidden");
    },
  );

  test("is answered after a change of role that leaves the caller the right", async () => {
    await become("org_admin", world.b.id);
    const body = { name: "app", organization_id: world.b.id };
    const first = await send("/apps", body);
    await become("admin", null);
    expectReplay(first, await send("/apps", body));
  });

  test("that meant the caller's own organization is rejected after they moved", async () => {
    await become("org_admin", world.b.id);
    const first = await send("/apps", { name: "own" });
    await become("org_admin", world.a.id);
    expectNoSecret(first, await send("/apps", { name: "own" }), 403, "forbidden");
  });

  test("of a key is rejected after its owner moved out of sight", async () => {
    await become("org_admin", world.a.id);
    const owner = await createUser(asAdmin, {
      email: `owner-${count}@example.com`,
      organization_id: world.a.id,
    });
    const body = { name: "key", user_id: owner.id };
    const first = await send("/api-keys", body);
    await updateUser(asAdmin, { id: owner.id, organization_id: world.b.id });
    expectNoSecret(first, await send("/api-keys", body), 404, "not_found");
  });

  test("is answered although the first call took the name, and not to another caller", async () => {
    const body = { name: "app", organization_id: world.b.id, external_id: `external-${count}` };
    const first = await send("/apps", body, "same-key");
    expectReplay(first, await send("/apps", body, "same-key"));
    who = await createUser(asAdmin, {
      email: `other-${count}@example.com`,
      role: "admin",
      organization_id: null,
    });
    expectNoSecret(first, await send("/apps", body, "same-key"), 409, "conflict");
  });

  test("of an organization's key is rejected for its admin who became a member, with keys of their own", async () => {
    await become("org_admin", world.a.id);
    const first = await send("/api-keys", { name: "key" });
    expect(first.body.user_id).toBeNull();
    await become("member", world.a.id);
    expectNoSecret(first, await send("/api-keys", { name: "key" }), 403, "forbidden");
  });

  test("of a member's key is rejected for the admin whom they became", async () => {
    await become("member", world.a.id);
    const first = await send("/api-keys", { name: "key" });
    await become("org_admin", world.a.id);
    expectNoSecret(first, await send("/api-keys", { name: "key" }), 403, "forbidden");
  });

  test("of an admin token that no one bounds is rejected for a former administrator", async () => {
    const body = { name: "t", role: "org_admin", organization_id: world.b.id };
    const first = await send("/admin-tokens", body);
    await become("org_admin", world.b.id);
    expectNoSecret(first, await send("/admin-tokens", body), 403, "forbidden");
  });

  test("of a link is rejected for a former administrator of its user, and answered to others", async () => {
    const email = `invited-${count}@example.com`;
    const invited = await createUser(asAdmin, { email, role: "org_admin", organization_id: world.b.id });
    const path = `/users/${invited.id}/invite`;
    const first = await send(path, {});
    expectReplay(first, await send(path, {}));
    await updateUser(asAdmin, { id: invited.id, role: "admin" });
    await become("org_admin", world.b.id);
    const second = await send(path, {});
    expectNoSecret(first, second, 403, "forbidden");
    expect(second.text).not.toContain("/invite/");
  });

  test("of a rotated key is rejected once a rotation would end it earlier", async () => {
    await become("member", world.a.id);
    const { id } = (await send("/api-keys", { name: "key" }, `key-${count}`)).body;
    const first = await send(`/api-keys/${String(id)}/rotate`, {});
    expectReplay(first, await send(`/api-keys/${String(id)}/rotate`, {}));
    await updateOrganization(asAdmin, { id: world.a.id, member_keys: { max: 100, max_days: 1 } });
    const second = await send(`/api-keys/${String(id)}/rotate`, {});
    await updateOrganization(asAdmin, { id: world.a.id, member_keys: null });
    expectNoSecret(first, second, 403, "forbidden");
  });

  test("after a revocation gives a secret that no longer works", async () => {
    const body = { name: "t", role: "org_admin", organization_id: world.b.id };
    const first = await send("/admin-tokens", body);
    await api.send("DELETE", `/admin-tokens/${String(first.body.id)}`);
    const second = await send("/admin-tokens", body);
    expectReplay(first, second);
    expect(await readAdminToken(world.db, hashSecret, String(second.body.token))).toBeNull();
  });
});
