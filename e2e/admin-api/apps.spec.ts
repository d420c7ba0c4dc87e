import { type Api, expect, test } from "./api-test";
import { byApp, chat, outcome } from "./data-plane";
import {
  anOrganization,
  aUser,
  expectAll,
  FORBIDDEN,
  made,
  NOT_FOUND,
  NOWHERE,
  tokensOf,
  UNAUTHORIZED,
  unique,
} from "./things";

const REFUSED = "401 invalid_api_key";

async function anApp(api: Api, organizationId: string, more: object = {}) {
  const app = await made(api.adminKey, "/apps", {
    name: unique("app"),
    organization_id: organizationId,
    ...more,
  });
  return { id: app.id, secret: String(Object(app).secret) };
}

test("an administrator makes, reads, lists, changes and deletes apps", async ({ api, gate }) => {
  const { id: organization_id } = await anOrganization(api);
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const external_id = unique("crm");
    const whole = {
      name: unique("all"),
      organization_id,
      external_id,
      budget: { limit_usd: "2", period: "month", soft_limit_percent: null },
      rate_limits: { max_concurrent: 10 },
      allowed_models: [gate.model("instant")],
    };
    const { secret, ...app } = Object(await made(client, "/apps", whole));
    expect(secret).toMatch(/^\S{32,}$/);
    expect(app).toMatchObject(whole);
    const path = `/apps/${app.id}`;
    const read = await client.get(path);
    expect(read.body).toEqual(app);
    expect((await client.get("/apps", { query: { limit: 1 } })).data).toEqual([app]);
    for (const name of [external_id, app.id]) expect(await outcome(gate, byApp(secret, name))).toBe("200");
    const changes = { name: unique("changed"), external_id: null, budget: null, allowed_models: null };
    const changed = await client.patch(path, changes);
    expect([changed.status, changed.body]).toEqual([200, { ...app, ...changes }]);
    expect(await outcome(gate, byApp(secret, external_id))).toBe(REFUSED);
    const usage = await client.get(`${path}/usage`);
    expect(usage.body).toMatchObject({ budget: null, requests: 2, cost_usd: "0.0000087" });
    expect((await client.delete(path)).status).toBe(204);
    expect(await outcome(gate, byApp(secret, app.id))).toBe(REFUSED);
    await expectAll(
      client,
      [
        ["GET", path],
        ["DELETE", path],
      ],
      NOT_FOUND,
    );
    const { data } = await client.get("/requests", { query: { app_id: app.id } });
    expect(data.map((row) => row.app_id)).toEqual([app.id, app.id]);
  }
});

test("each app has a secret of its own, and calls on behalf of its organization's users", async ({
  api,
  gate,
}) => {
  const { id } = await anOrganization(api);
  const [oid, foreignOid] = [unique("oid"), unique("oid")];
  const user = await aUser(api, id, { external_id: oid });
  await aUser(api, api.cast.b.id, { external_id: foreignOid });
  const [app, other] = [await anApp(api, id), await anApp(api, id)];
  const { id: requestId, outcome: first } = await chat(gate, byApp(app.secret, app.id, oid));
  expect(first).toBe("200");
  expect((await api.adminKey.get(`/requests/${requestId}`)).body).toMatchObject({
    organization_id: id,
    app_id: app.id,
    user_id: user.id,
    api_key_id: null,
  });
  expect((await api.adminKey.get(`/users/${user.id}/usage`)).body).toMatchObject({ requests: 1 });
  const refused = [
    byApp(other.secret, app.id),
    byApp(app.secret, other.id),
    byApp(`${app.secret}x`, app.id),
    byApp(app.secret, NOWHERE),
    byApp(app.secret, app.id, foreignOid),
    byApp(app.secret, app.id, unique("nobody")),
    byApp(app.secret, app.id, user.id),
    { "x-gateway-secret": app.secret },
  ];
  for (const credentials of refused) {
    expect(await outcome(gate, credentials), JSON.stringify(credentials)).toBe(REFUSED);
  }
});

test("its limits and models bind it from the next request on", async ({ api, gate }) => {
  const { id } = await anOrganization(api);
  const { id: appId, secret } = await anApp(api, id);
  const cases: [object, string][] = [
    [{}, "200"],
    [{ budget: { limit_usd: "0", period: "day" } }, "429 insufficient_quota"],
    [{ budget: null }, "200"],
    [{ allowed_models: [] }, "403 model_not_allowed"],
    [{ allowed_models: [gate.model("stream-100")] }, "403 model_not_allowed"],
    [{ allowed_models: null }, "200"],
  ];
  for (const [change, expected] of cases) {
    expect((await api.adminKey.patch(`/apps/${appId}`, change)).status).toBe(200);
    expect(await outcome(gate, byApp(secret, appId)), JSON.stringify(change)).toBe(expected);
  }
});

test("a new secret ends the old one", async ({ api, gate }) => {
  const { id } = await anOrganization(api);
  const app = await anApp(api, id);
  expect(await outcome(gate, byApp(app.secret, app.id))).toBe("200");
  const rotated = await api.adminKey.post(`/apps/${app.id}/rotate`);
  expect([rotated.status, rotated.id]).toEqual([200, app.id]);
  const secret = String(rotated.body.secret);
  expect(await outcome(gate, byApp(app.secret, app.id))).toBe(REFUSED);
  expect(await outcome(gate, byApp(secret, app.id))).toBe("200");
  const gently = await api.adminKey.post(`/apps/${app.id}/rotate`, { grace_seconds: 60 });
  for (const each of [secret, String(gently.body.secret)]) {
    expect(await outcome(gate, byApp(each, app.id))).toBe("200");
  }
});

test("what is wrong is named, and an external id is one app's", async ({ api }) => {
  const { id: organization_id } = await anOrganization(api);
  const external_id = unique("crm");
  await anApp(api, organization_id, { external_id });
  const { id } = await anApp(api, organization_id);
  const wrong: [param: string, fields: object][] = [
    ["colour", { colour: "red" }],
    ["name", { name: "" }],
    ["external_id", { external_id: "with spaces" }],
    ["secret", { secret: "my own" }],
    ["allowed_models", { allowed_models: "all" }],
    ["budget.period", { budget: { limit_usd: "1", period: "hour" } }],
  ];
  for (const [param, fields] of wrong) {
    const created = await api.adminKey.post("/apps", { name: "wrong", organization_id, ...fields });
    expect([created.status, created.param], created.text).toEqual([400, param]);
    const changed = await api.adminKey.patch(`/apps/${id}`, fields);
    expect([changed.status, changed.param], changed.text).toEqual([400, param]);
  }
  expect((await api.adminKey.post("/apps", { name: "nobody's" })).param).toBe("organization_id");
  for (const clash of [
    await api.adminKey.post("/apps", { name: "x", organization_id, external_id }),
    await api.adminKey.patch(`/apps/${id}`, { external_id }),
  ]) {
    expect([clash.status, clash.param]).toEqual([409, "external_id"]);
  }
});

const changes = (id: string): [string, string, object?][] => [
  ["PATCH", `/apps/${id}`, { name: "x" }],
  ["POST", `/apps/${id}/rotate`],
  ["DELETE", `/apps/${id}`],
];
const reads = (id: string): [string, string][] => [
  ["GET", `/apps/${id}`],
  ["GET", `/apps/${id}/usage`],
];

test("an organization's admin has its apps, a viewer looks at them, a member does not", async ({ api }) => {
  const { id } = await anOrganization(api);
  const { orgAdmin, viewer } = await tokensOf(api, id);
  const create = { name: unique("ours"), organization_id: id };
  const { secret: _, ...app } = Object(await made(orgAdmin, "/apps", create));
  for (const client of [orgAdmin, viewer]) {
    expect((await client.get("/apps")).data).toEqual([app]);
    for (const [, path] of reads(app.id)) expect((await client.get(path)).status).toBe(200);
  }
  await expectAll(viewer, [["POST", "/apps", create], ...changes(app.id)], FORBIDDEN);
  for (const [method, path, body] of changes(app.id)) {
    const { status, text } = await orgAdmin.send(method, path, { body });
    expect(status, text).toBe(method === "DELETE" ? 204 : 200);
  }
  const elsewhere = { name: "x", organization_id: api.cast.b.id };
  await expectAll(orgAdmin, [["POST", "/apps", elsewhere]], NOT_FOUND);
  const { id: ofA } = await anApp(api, api.cast.a.id);
  expect((await api.memberSession.get("/apps")).data).toEqual([]);
  await expectAll(api.memberSession, [...reads(ofA), ...changes(ofA)], NOT_FOUND);
  await expectAll(api.memberSession, [["POST", "/apps", { name: "x" }]], FORBIDDEN);
});

test("of another organization's apps nobody knows", async ({ api }) => {
  const { id: organizationId } = await anOrganization(api);
  const { id } = await anApp(api, organizationId);
  const things = [...reads(id), ...changes(id)];
  for (const client of [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession]) {
    await expectAll(client, things, NOT_FOUND);
    expect((await client.get("/apps", { query: { organization_id: organizationId } })).data).toEqual([]);
  }
  await expectAll(api.adminKey, [...reads(NOWHERE), ...changes(NOWHERE)], NOT_FOUND);
  await expectAll(api.nobody, [["GET", "/apps"], ["POST", "/apps", {}], ...things], UNAUTHORIZED);
});
