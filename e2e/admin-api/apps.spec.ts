import { UNKNOWN_ID } from "#lib/services/testing/context";
import { expect, test } from "./api-test";
import { byApp, chat, outcome } from "./data-plane";
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
import { createResource, newApp, newOrganization, newUser, tokensOf, unique } from "./resources";

const REJECTED = "401 invalid_api_key";

test("an administrator creates, reads, lists, updates and deletes apps", async ({ api, gate }) => {
  const { id: organization_id } = await newOrganization(api);
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
    const { secret, ...app } = Object(await createResource(client, "/apps", whole));
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
    expect(await outcome(gate, byApp(secret, external_id))).toBe(REJECTED);
    const usage = await client.get(`${path}/usage`);
    expect(usage.body).toMatchObject({ budget: null, requests: 2, cost_usd: "0.0000087" });
    expect((await client.delete(path)).status).toBe(204);
    expect(await outcome(gate, byApp(secret, app.id))).toBe(REJECTED);
    await expectGone(client, path);
    const { data } = await client.get("/requests", { query: { app_id: app.id } });
    expect(data.map((row) => row.app_id)).toEqual([app.id, app.id]);
  }
});

test("an app authenticates with its own secret, on behalf of its organization's users", async ({
  api,
  gate,
}) => {
  const { id } = await newOrganization(api);
  const [oid, foreignOid] = [unique("oid"), unique("oid")];
  const user = await newUser(api, id, { external_id: oid });
  await newUser(api, api.cast.b.id, { external_id: foreignOid });
  const [app, other] = [await newApp(api, id), await newApp(api, id)];
  const { id: requestId, outcome: first } = await chat(gate, byApp(app.secret, app.id, oid));
  expect(first).toBe("200");
  expect((await api.adminKey.get(`/requests/${requestId}`)).body).toMatchObject({
    organization_id: id,
    app_id: app.id,
    user_id: user.id,
    api_key_id: null,
  });
  expect((await api.adminKey.get(`/users/${user.id}/usage`)).body).toMatchObject({ requests: 1 });
  const rejected = [
    byApp(other.secret, app.id),
    byApp(app.secret, other.id),
    byApp(`${app.secret}x`, app.id),
    byApp(app.secret, UNKNOWN_ID),
    byApp(app.secret, app.id, foreignOid),
    byApp(app.secret, app.id, unique("nobody")),
    byApp(app.secret, app.id, user.id),
    { "x-gateway-secret": app.secret },
  ];
  for (const credentials of rejected) {
    expect(await outcome(gate, credentials), JSON.stringify(credentials)).toBe(REJECTED);
  }
});

test("limits and models apply from the next request on", async ({ api, gate }) => {
  const { id } = await newOrganization(api);
  const { id: appId, secret } = await newApp(api, id);
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

test("a rotation ends the old secret", async ({ api, gate }) => {
  const { id } = await newOrganization(api);
  const app = await newApp(api, id);
  expect(await outcome(gate, byApp(app.secret, app.id))).toBe("200");
  const rotated = await api.adminKey.post(`/apps/${app.id}/rotate`);
  expect([rotated.status, rotated.id]).toEqual([200, app.id]);
  const secret = String(rotated.body.secret);
  expect(await outcome(gate, byApp(app.secret, app.id))).toBe(REJECTED);
  expect(await outcome(gate, byApp(secret, app.id))).toBe("200");
  const gently = await api.adminKey.post(`/apps/${app.id}/rotate`, { grace_seconds: 60 });
  for (const each of [secret, String(gently.body.secret)]) {
    expect(await outcome(gate, byApp(each, app.id))).toBe("200");
  }
});

test("rejects an invalid field and a taken external id", async ({ api }) => {
  const { id: organization_id } = await newOrganization(api);
  const external_id = unique("crm");
  await newApp(api, organization_id, { external_id });
  const { id } = await newApp(api, organization_id);
  await expectInvalidFields(
    api.adminKey,
    { collection: "/apps", valid: () => ({ name: "wrong", organization_id }), id: id },
    [
      ["color", { color: "red" }],
      ["name", { name: "" }],
      ["external_id", { external_id: "with spaces" }],
      ["secret", { secret: "my own" }],
      ["allowed_models", { allowed_models: "all" }],
      ["budget.period", { budget: { limit_usd: "1", period: "hour" } }],
    ],
  );
  expect((await api.adminKey.post("/apps", { name: "nobody's" })).param).toBe("organization_id");
  for (const clash of [
    await api.adminKey.post("/apps", { name: "x", organization_id, external_id }),
    await api.adminKey.patch(`/apps/${id}`, { external_id }),
  ]) {
    expect([clash.status, clash.param]).toEqual([409, "external_id"]);
  }
});

const changes = (id: string): Operation[] => [
  ["PATCH", `/apps/${id}`, { name: "x" }],
  ["POST", `/apps/${id}/rotate`],
  ["DELETE", `/apps/${id}`],
];
const reads = readsOf("/apps");

test("an org_admin manages apps, a viewer reads them, a member sees none", async ({ api }) => {
  const { id } = await newOrganization(api);
  const { orgAdmin, viewer } = await tokensOf(api, id);
  const create = { name: unique("ours"), organization_id: id };
  const { secret: _, ...app } = Object(await createResource(orgAdmin, "/apps", create));
  for (const client of [orgAdmin, viewer]) {
    expect((await client.get("/apps")).data).toEqual([app]);
    for (const [, path] of reads(app.id)) expect((await client.get(path)).status).toBe(200);
  }
  await expectEach(viewer, [["POST", "/apps", create], ...changes(app.id)], FORBIDDEN);
  await expectSuccess(orgAdmin, changes(app.id));
  const elsewhere = { name: "x", organization_id: api.cast.b.id };
  await expectEach(orgAdmin, [["POST", "/apps", elsewhere]], NOT_FOUND);
  const { id: ofA } = await newApp(api, api.cast.a.id);
  expect((await api.memberSession.get("/apps")).data).toEqual([]);
  await expectEach(api.memberSession, reads(ofA), NOT_FOUND);
  await expectEach(api.memberSession, [["POST", "/apps", { name: "x" }], ...changes(ofA)], FORBIDDEN);
});

test("apps of another organization are hidden", async ({ api }) => {
  const { id: organizationId } = await newOrganization(api);
  const { id } = await newApp(api, organizationId);
  const operations = { collection: "/apps", reads, changes, changedBy: "org_admin" } as const;
  await expectHidden(api, operations, { id, organizationId });
});
