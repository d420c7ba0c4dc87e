import { UNKNOWN_ID } from "#lib/services/testing/context";
import { day } from "#lib/services/testing/day";
import { expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import {
  expectEach,
  expectGone,
  expectHidden,
  expectInvalidFields,
  expectSuccess,
  FORBIDDEN,
  NOT_FOUND,
  type Operation,
  readsOf,
} from "./expectations";
import { createResource, newOrganization, newTenant, newUser, tokensOf, unique } from "./resources";

const emailOf = (word: string) => `${unique(word)}@example.com`;

test("an administrator creates, reads, lists, updates and deletes users", async ({ api }) => {
  const { id: organizationId } = await newOrganization(api);
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const whole = {
      email: emailOf("all"),
      organization_id: organizationId,
      external_id: unique("oid"),
      name: "Ada",
      role: "viewer",
      budget: { limit_usd: "3", period: "day", soft_limit_percent: null },
      payment_valid_until: day(30),
    };
    const user = await createResource(client, "/users", whole);
    expect(user).toMatchObject({ ...whole, payment_status: "active" });
    const path = `/users/${user.id}`;
    expect((await client.get(path)).body).toEqual(user);
    expect((await client.get("/users", { query: { limit: 1 } })).data).toEqual([user]);
    const changes = {
      email: emailOf("changed"),
      external_id: unique("oid"),
      name: null,
      role: "org_admin",
      budget: null,
      payment_valid_until: null,
    };
    const changed = await client.patch(path, changes);
    expect([changed.status, changed.body]).toEqual([200, { ...user, ...changes, payment_status: "none" }]);
    expect((await client.patch(path, { name: "Bob" })).body).toEqual({ ...changed.body, name: "Bob" });
    expect((await client.delete(path)).status).toBe(204);
    await expectGone(client, path);
  }
});

test("needs only an e-mail address and an organization", async ({ api }) => {
  const { id } = await newOrganization(api);
  expect(await newUser(api, id)).toMatchObject({
    organization_id: id,
    role: "member",
    external_id: null,
    name: null,
    budget: null,
    payment_valid_until: null,
    payment_status: "none",
  });
});

test("can have every role", async ({ api }) => {
  const { id } = await newOrganization(api);
  for (const role of ["admin", "org_admin", "member", "viewer"]) {
    expect(await newUser(api, id, { role })).toMatchObject({ role });
  }
});

test("e-mail addresses, ignoring case, and external ids are unique in the organization", async ({ api }) => {
  const [a, b] = [await newOrganization(api), await newOrganization(api)];
  const taken = { email: emailOf("taken"), external_id: unique("oid") };
  const user = await newUser(api, a.id, taken);
  const other = await newUser(api, b.id, taken);
  const clashes: [string, string, object, string][] = [
    ["POST", "/users", { organization_id: b.id, email: taken.email.toUpperCase() }, "email"],
    [
      "POST",
      "/users",
      { organization_id: a.id, email: emailOf("x"), external_id: taken.external_id },
      "external_id",
    ],
    ["PATCH", `/users/${(await newUser(api, a.id)).id}`, { email: taken.email }, "email"],
    ["PATCH", `/users/${other.id}`, { organization_id: a.id, email: emailOf("y") }, "external_id"],
  ];
  for (const [method, path, body, field] of clashes) {
    const { status, code, param } = await api.adminKey.send(method, path, { body });
    expect([status, code, param]).toEqual([409, "conflict", field]);
  }
  expect((await api.adminKey.get(`/users/${user.id}`)).body).toEqual(user);
});

test("rejects an invalid field and names it", async ({ api }) => {
  const { id: organization_id } = await newOrganization(api);
  const user = await newUser(api, organization_id);
  await expectInvalidFields(
    api.adminKey,
    { collection: "/users", valid: () => ({ email: emailOf("wrong"), organization_id }), id: user.id },
    [
      ["color", { color: "red" }],
      ["email", { email: "nobody" }],
      ["role", { role: "god" }],
      ["payment_status", { payment_status: "active" }],
      ["payment_valid_until", { payment_valid_until: "2026-02-30" }],
      ["payment_valid_until", { payment_valid_until: "2026-01-31T00:00:00Z" }],
      ["payment_valid_until", { payment_valid_until: 5 }],
      ["budget.limit_usd", { budget: { limit_usd: "1.0000000000001", period: "day" } }],
      ["external_id", { external_id: "" }],
    ],
  );
  const nowhere = await api.adminKey.post("/users", { email: emailOf("x"), organization_id: UNKNOWN_ID });
  expect([nowhere.status, nowhere.param]).toEqual([404, "organization_id"]);
});

test("deleting a user deletes their keys, and their requests keep both ids", async ({ api, gate }) => {
  const { id, userId, keyId, key } = await newTenant(api);
  const { id: requestId } = await chat(gate, byKey(key));
  expect((await api.adminKey.delete(`/users/${userId}`)).status).toBe(204);
  expect(await outcome(gate, byKey(key))).toBe("401 invalid_api_key");
  expect((await api.adminKey.get(`/api-keys/${keyId}`)).status).toBe(404);
  const row = await api.adminKey.get(`/requests/${requestId}`);
  expect(row.body).toMatchObject({ organization_id: id, user_id: userId, api_key_id: keyId });
  for (const [group_by, group] of [
    ["user", userId],
    ["api_key", keyId],
  ]) {
    const query = { group_by: String(group_by), organization_id: id };
    expect((await api.adminKey.get("/usage", { query })).data).toMatchObject([{ group, requests: 1 }]);
  }
});

test("a limit of zero blocks all their keys, and null removes the budget", async ({ api, gate }) => {
  const { id, userId, key } = await newTenant(api);
  const second = String((await api.adminKey.post("/api-keys", { name: "2", user_id: userId })).body.key);
  const ofAll = await api.adminKey.post("/api-keys", { name: "of all", organization_id: id });
  const outcomes = () =>
    Promise.all([key, second, String(ofAll.body.key)].map((each) => outcome(gate, byKey(each))));
  await api.adminKey.patch(`/users/${userId}`, { budget: { limit_usd: "0", period: "total" } });
  expect(await outcomes()).toEqual(["429 insufficient_quota", "429 insufficient_quota", "200"]);
  await api.adminKey.patch(`/users/${userId}`, { budget: null });
  expect(await outcomes()).toEqual(["200", "200", "200"]);
});

test("resetting usage writes an adjustment for the user's budget only", async ({ api, gate }) => {
  const { id, userId, key } = await newTenant(api);
  const budget = { limit_usd: "0.00002", period: "month" };
  for (const path of [`/users/${userId}`, `/organizations/${id}`]) {
    await api.adminKey.patch(path, { budget: { ...budget, limit_usd: "1" } });
  }
  const cost = (await chat(gate, byKey(key))).headers.get("x-tollgate-cost-usd");
  await api.adminKey.patch(`/users/${userId}`, { budget: { ...budget, limit_usd: cost } });
  expect(await outcome(gate, byKey(key))).toBe("429 insufficient_quota");
  const reset = await api.adminKey.post(`/users/${userId}/reset-usage`, { reason: "a mistake of ours" });
  expect([reset.status, reset.body.budget]).toEqual([
    200,
    { limit_usd: cost, spent_usd: "0", held_usd: "0", remaining_usd: cost },
  ]);
  const usage = (path: string) => api.adminKey.get(`${path}/usage`);
  expect((await usage(`/users/${userId}`)).body).toEqual({ ...reset.body, requests: 1, cost_usd: cost });
  expect((await usage(`/organizations/${id}`)).body).toMatchObject({ budget: { spent_usd: cost } });
  const rows = await api.adminKey.get("/requests", { query: { user_id: userId, status: "adjustment" } });
  expect(rows.data).toMatchObject([
    { cost_usd: `-${cost}`, reason: "a mistake of ours", adjusted_by: "ADMIN_API_KEY" },
  ]);
  expect((await api.adminKey.post(`/users/${userId}/reset-usage`)).status).toBe(200);
  const wrong = await api.adminKey.post(`/users/${userId}/reset-usage`, { why: "x" });
  expect([wrong.status, wrong.param]).toEqual([400, "why"]);
});

test("a user who moves has the limits of the new organization", async ({ api, gate }) => {
  const { id: from, userId, key } = await newTenant(api);
  const to = await newOrganization(api, { budget: { limit_usd: "0", period: "day" } });
  expect(await outcome(gate, byKey(key))).toBe("200");
  const moved = await api.adminKey.patch(`/users/${userId}`, { organization_id: to.id });
  expect(moved.body.organization_id).toBe(to.id);
  expect(await outcome(gate, byKey(key))).toBe("429 insufficient_quota");
  expect((await api.adminKey.get("/users", { query: { organization_id: from } })).data).toEqual([]);
});

const changes = (id: string): Operation[] => [
  ["PATCH", `/users/${id}`, { name: "x" }],
  ["POST", `/users/${id}/reset-usage`],
  ["POST", `/users/${id}/sync-expiry`],
  ["DELETE", `/users/${id}`],
];
const reads = readsOf("/users");

test("an org_admin manages users, but gives no role above their own", async ({ api }) => {
  const { id } = await newOrganization(api);
  const { orgAdmin } = await tokensOf(api, id);
  const user = await createResource(orgAdmin, "/users", { email: emailOf("ours"), organization_id: id });
  expect((await orgAdmin.get("/users")).data).toEqual([user]);
  await expectSuccess(orgAdmin, [...reads(user.id), ...changes(user.id)]);
  const strong = await newUser(api, id, { role: "admin" });
  const weak = await newUser(api, id);
  await expectEach(
    orgAdmin,
    [
      ["POST", "/users", { email: emailOf("x"), organization_id: id, role: "admin" }],
      ["PATCH", `/users/${weak.id}`, { role: "admin" }],
      ["PATCH", `/users/${weak.id}`, { organization_id: api.cast.b.id }],
      ...changes(strong.id),
    ],
    FORBIDDEN,
  );
  const elsewhere = { email: emailOf("x"), organization_id: api.cast.b.id };
  const foreign = await orgAdmin.post("/users", elsewhere);
  expect([foreign.status, foreign.code]).toEqual([404, "not_found"]);
});

test("a viewer reads the organization, a member themselves, and neither changes users", async ({ api }) => {
  const { member, orgAdmin, viewer, id } = api.cast.a;
  const create = ["POST", "/users", { email: emailOf("x"), organization_id: id }] as const;
  for (const client of [api.viewerToken, api.viewerSession]) {
    const { data } = await client.get("/users", { query: { limit: 200 } });
    expect(data.map((user) => user.id)).toEqual(expect.arrayContaining([member.id, orgAdmin.id, viewer.id]));
    expect(data.every((user) => user.organization_id === id)).toBe(true);
    for (const [, path] of reads(orgAdmin.id)) expect((await client.get(path)).status).toBe(200);
    await expectEach(client, [create, ...changes(member.id)], FORBIDDEN);
  }
  const client = api.memberSession;
  expect((await client.get("/users")).data.map((user) => user.id)).toEqual([member.id]);
  for (const [, path] of reads(member.id)) expect((await client.get(path)).status).toBe(200);
  await expectEach(client, [create, ...changes(member.id)], FORBIDDEN);
  await expectEach(client, reads(orgAdmin.id), NOT_FOUND);
  await expectEach(client, changes(orgAdmin.id), FORBIDDEN);
});

test("users of another organization are hidden", async ({ api }) => {
  const { userId: id, id: organizationId } = await newTenant(api);
  const operations = { collection: "/users", reads, changes, changedBy: "org_admin" } as const;
  await expectHidden(api, operations, { id, organizationId });
});
