import { randomUUID } from "node:crypto";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import { expectEach, FORBIDDEN, UNAUTHORIZED } from "./expectations";
import { newTenant, tokensOf } from "./resources";

const BUDGET = { limit_usd: "1", period: "month" };

test("charges and refunds an organization, a user or a key", async ({ api }) => {
  const { id, userId, keyId } = await newTenant(api);
  const scopes: [path: string, scope: Record<string, string>, row: object][] = [
    [`/organizations/${id}`, { organization_id: id }, { user_id: null, api_key_id: null }],
    [`/users/${userId}`, { user_id: userId }, { user_id: userId, api_key_id: null }],
    [`/api-keys/${keyId}`, { api_key_id: keyId }, { user_id: null, api_key_id: keyId }],
  ];
  for (const [path] of scopes) await api.adminKey.patch(path, { budget: BUDGET });
  for (const [index, client] of [api.adminKey, api.adminToken, api.adminSession].entries()) {
    for (const [path, scope, row] of scopes) {
      const charge = { scope, amount_usd: "0.50", reason: "a top-up taken back" };
      const charged = await client.post("/adjustments", charge);
      const earlier = -0.25 * index;
      const spent = (usd: string, left: string) => ({ spent_usd: usd, remaining_usd: left });
      const balance = spent(String(0.5 + earlier), String(0.5 - earlier));
      expect([charged.status, charged.body]).toEqual([
        201,
        {
          ...charge,
          amount_usd: "0.5",
          id: expect.any(String),
          created_at: expect.any(String),
          actor: expect.any(String),
          budget: { limit_usd: "1", held_usd: "0", ...balance },
        },
      ]);
      const usage = async () => (await client.get(`${path}/usage`)).body;
      expect(await usage()).toMatchObject({
        budget: balance,
        requests: 0,
        cost_usd: "0",
      });
      await client.post("/adjustments", { scope, amount_usd: "-0.75", reason: "a refund" });
      expect(await usage()).toMatchObject({ budget: { spent_usd: String(earlier - 0.25) } });
      const { body } = await client.get(`/requests/${charged.id}`);
      expect(body).toMatchObject({ status: "adjustment", organization_id: id, cost_usd: "0.5", ...row });
      expect(body).toMatchObject({ reason: "a top-up taken back", adjusted_by: charged.body.actor });
    }
  }
});

test("affects the next request, but not usage", async ({ api, gate }) => {
  const { id, userId, key } = await newTenant(api);
  await api.adminKey.patch(`/users/${userId}`, { budget: BUDGET });
  const adjust = (amount_usd: string) =>
    api.adminKey.post("/adjustments", { scope: { user_id: userId }, amount_usd, reason: "x" });
  await adjust("1");
  const rejected = await chat(gate, byKey(key));
  expect([rejected.outcome, rejected.headers.get("x-should-retry")]).toEqual([
    "429 insufficient_quota",
    "false",
  ]);
  await adjust("-0.5");
  expect(await outcome(gate, byKey(key))).toBe("200");
  const { data } = await api.adminKey.get("/usage", { query: { group_by: "user", organization_id: id } });
  expect(data).toMatchObject([{ group: userId, requests: 1, cost_usd: "0.00000435" }]);
});

test("rejects an invalid field, names it and charges nothing", async ({ api }) => {
  const { id, userId } = await newTenant(api);
  await api.adminKey.patch(`/users/${userId}`, { budget: BUDGET });
  const right = { scope: { user_id: userId }, amount_usd: "0.1", reason: "right" };
  const wrong: [param: string, fields: object][] = [
    ["color", { color: "red" }],
    ["scope", { scope: {} }],
    ["scope", { scope: { user_id: userId, organization_id: id } }],
    ["scope.user_id", { scope: { user_id: "x" } }],
    ["scope.color", { scope: { color: "red" } }],
    ["amount_usd", { amount_usd: 0.1 }],
    ["amount_usd", { amount_usd: "0" }],
    ["amount_usd", { amount_usd: "1e-3" }],
    ["amount_usd", { amount_usd: "0.0000000000001" }],
    ["amount_usd", { amount_usd: undefined }],
    ["reason", { reason: "" }],
    ["reason", { reason: undefined }],
  ];
  for (const [param, fields] of wrong) {
    const { status, param: told, text } = await api.adminKey.post("/adjustments", { ...right, ...fields });
    expect([status, told], text).toEqual([400, param]);
  }
  const nowhere = await api.adminKey.post("/adjustments", { ...right, scope: { api_key_id: UNKNOWN_ID } });
  expect([nowhere.status, nowhere.param]).toEqual([404, "scope.api_key_id"]);
  const { body } = await api.adminKey.get(`/users/${userId}/usage`);
  expect(body.budget).toMatchObject({ spent_usd: "0" });
});

test("charges once when repeated with its idempotency key", async ({ api }) => {
  const { userId } = await newTenant(api);
  await api.adminKey.patch(`/users/${userId}`, { budget: BUDGET });
  const idempotencyKey = randomUUID();
  const charge = { scope: { user_id: userId }, amount_usd: "0.2", reason: "once" };
  const send = () => api.adminKey.post("/adjustments", charge, { idempotencyKey });
  const answers = await Promise.all([send(), send(), send()]);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  const { body } = await api.adminKey.get(`/users/${userId}/usage`);
  expect(body.budget).toMatchObject({ spent_usd: "0.2" });
});

test("needs an administrator", async ({ api }) => {
  const { id, userId } = await newTenant(api);
  const { orgAdmin, viewer } = await tokensOf(api, id);
  const adjusting = [
    "POST",
    "/adjustments",
    { scope: { user_id: userId }, amount_usd: "-1", reason: "a present" },
  ] as const;
  for (const client of [orgAdmin, viewer, api.orgAdminSession, api.memberSession]) {
    await expectEach(client, [adjusting], FORBIDDEN);
  }
  await expectEach(api.anonymous, [adjusting], UNAUTHORIZED);
});
