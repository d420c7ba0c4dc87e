import { beforeAll, describe, expect, test } from "vitest";
import { createUser } from "#lib/services/users/create-user";
import { operations } from "./operations";
import { createTestApi, type Sent } from "./testing/test-api";

const api = await createTestApi({ operations });
const { world } = api;
const { a, b } = world;
/** Of organization A only, and of both. */
let only: string;
let inA: string;
let inB: string;
beforeAll(async () => {
  const create = async (external_id: string, organization_id: string) =>
    (await createUser(world.as(world.admin), { external_id, organization_id })).id;
  only = await create("emp 17/ä".replace("ä", "a"), a.id);
  inA = await create("shared", a.id);
  inB = await create("shared", b.id);
});

const ONLY = `external_id:${encodeURIComponent("emp 17/a")}`;
const call = async (line: string, sent?: Sent) => {
  const [method = "", path = ""] = line.split(" ");
  const { status, body } = await api.send(method, path, sent);
  return { status, body };
};

describe("a user is named by an external id", () => {
  test("in the path of every operation on users", async () => {
    for (const [line, body] of [
      [`GET /users/${ONLY}`],
      [`PATCH /users/${ONLY}`, { name: "Ada" }],
      [`GET /users/${ONLY}/usage`],
      [`POST /users/${ONLY}/sync-expiry`],
      [`POST /users/${ONLY}/reset-usage`, { reason: "a test" }],
      [`GET /users/${ONLY}/sessions`],
      [`GET /users/${encodeURIComponent("external_id:emp 17/a")}`],
    ] as const)
      expect([line, await call(line, body && { body })]).toMatchObject([line, { status: 200 }]);
    expect((await call(`GET /users/${ONLY}`)).body).toMatchObject({ id: only, name: "Ada", email: null });
    expect((await call(`POST /users/${ONLY}/sync-expiry`)).body).toMatchObject({
      user_id: only,
      external_id: "emp 17/a",
      email: null,
    });
  });

  test("as user_id in queries and bodies, and in the scope of an adjustment", async () => {
    const made = await call("POST /api-keys", { body: { name: "of them", user_id: "external_id:emp 17/a" } });
    expect(made).toMatchObject({ status: 201, body: { user_id: only, user: { name: "Ada" } } });
    const listed = await call(`GET /api-keys?user_id=${ONLY}`);
    expect(listed.body.data).toMatchObject([{ id: made.body.id }]);
    const scope = { user_id: "external_id:emp 17/a" };
    const adjusted = await call("POST /adjustments", { body: { scope, amount_usd: "1", reason: "a test" } });
    expect(adjusted.body).toMatchObject({ scope: { user_id: only } });
  });

  test("in the filter and the search of the list", async () => {
    for (const query of ["external_id=shared", "search=share"]) {
      const { body } = await call(`GET /users?${query}`);
      expect(body.data).toMatchObject([{ id: inB }, { id: inA }]);
    }
    expect((await call("GET /users?external_id=shar")).body.data).toEqual([]);
    const { body } = await call(`GET /users?external_id=shared&organization_id=${a.id}`);
    expect(body.data).toMatchObject([{ id: inA }]);
  });

  test("with its organization, where several have one", async () => {
    const ambiguous = await call("GET /users/external_id:shared");
    expect(ambiguous).toMatchObject({ status: 409, body: { error: { param: "organization_id" } } });
    for (const [organization, id] of [
      [a.id, inA],
      [b.id, inB],
    ]) {
      const line = `/users/external_id:shared?organization_id=${organization}`;
      expect((await call(`GET ${line}`)).body.id).toBe(id);
      const renamed = await call(`PATCH ${line}`, { body: { name: "Grace" } });
      expect(renamed.body).toMatchObject({ id, organization_id: organization });
    }
    const key = { name: "of them", user_id: "external_id:shared" };
    expect((await call("POST /api-keys", { body: key })).status).toBe(409);
    const made = await call("POST /api-keys", { body: { ...key, organization_id: b.id } });
    expect(made).toMatchObject({ status: 201, body: { user_id: inB } });
    const scope = { user_id: "external_id:shared" };
    const adjustment = { amount_usd: "1", reason: "a test" };
    expect((await call("POST /adjustments", { body: { ...adjustment, scope } })).status).toBe(409);
    const body = { ...adjustment, scope: { ...scope, organization_id: b.id } };
    expect((await call("POST /adjustments", { body })).body).toMatchObject({ scope: { user_id: inB } });
  });

  test("and is not found elsewhere, whether or not another tenant has it", async () => {
    const bearer = await api.token({ role: "org_admin", organizationId: b.id });
    expect((await call("GET /users/external_id:shared", { bearer })).body.id).toBe(inB);
    for (const path of [ONLY, "external_id:nobody", "external_id:", "external_id:%00", "external_id"])
      expect([path, await call(`GET /users/${path}`, { bearer })]).toMatchObject([path, { status: 404 }]);
    const elsewhere = await call(`GET /users/external_id:shared?organization_id=${a.id}`, { bearer });
    expect(elsewhere.status).toBe(404);
  });

  test("by other parameters of the query for none but an external id", async () => {
    const byId = `/users/${only}?organization_id=${a.id}`;
    expect((await call(`GET ${byId}`)).status).toBe(400);
    expect((await call(`PATCH ${byId}`, { body: {} })).status).toBe(400);
    expect((await call("GET /users/external_id:shared?organization_id=x")).status).toBe(400);
  });
});

describe("creating a user", () => {
  test("answers with the first key, once, if it is asked for", async () => {
    const body = { external_id: "emp-18", organization_id: a.id, create_key: true };
    const headers = { "idempotency-key": "create-emp-18" };
    const made = await call("POST /users", { body, headers });
    expect(made).toMatchObject({
      status: 201,
      body: { key: expect.stringMatching(/^tg_live_/), email: null },
    });
    expect((await call("POST /users", { body, headers })).body).toEqual(made.body);
    const { body: keys } = await call("GET /api-keys?user_id=external_id:emp-18");
    expect(keys.data).toMatchObject([{ name: "First key", user_id: made.body.id }]);
    expect(JSON.stringify([keys, (await call("GET /users/external_id:emp-18")).body])).not.toContain(
      made.body.key,
    );
  });
});
