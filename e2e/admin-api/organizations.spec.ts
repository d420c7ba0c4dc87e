import { expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import {
  expectEach,
  expectGone,
  expectHidden,
  expectInvalidFields,
  expectInvalidQueries,
  FORBIDDEN,
  NOT_FOUND,
  type Operation,
} from "./expectations";
import { createResource, newOrganization, newTenant, newUser, tokensOf, unique } from "./resources";

const LIMITS = {
  budget: { limit_usd: "12.50", period: "week", soft_limit_percent: 80 },
  rate_limits: {
    requests_per_minute: 60,
    tokens_per_minute: 100_000,
    max_concurrent: 5,
    windows: [{ requests: 1000, seconds: 86_400 }],
  },
};

test("an administrator creates, reads, lists, updates and deletes organizations", async ({ api }) => {
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const name = unique("all");
    const whole = { name, ...LIMITS, failure_mode: "fail_open", fail_open_allowance_usd: "0.50" };
    const organization = await createResource(client, "/organizations", whole);
    expect(organization).toMatchObject({
      name,
      budget: { limit_usd: "12.5", period: "week", soft_limit_percent: 80 },
      rate_limits: LIMITS.rate_limits,
      failure_mode: "fail_open",
      fail_open_allowance_usd: "0.5",
    });
    const path = `/organizations/${organization.id}`;
    expect((await client.get(path)).body).toEqual(organization);
    expect((await client.get("/organizations", { query: { limit: 1 } })).data).toEqual([organization]);
    const renamed = await client.patch(path, { name: `${name}-2` });
    expect([renamed.status, renamed.body]).toEqual([200, { ...organization, name: `${name}-2` }]);
    const bare = await client.patch(path, { budget: null, rate_limits: null, failure_mode: "fail_closed" });
    expect(bare.body).toMatchObject({ budget: null, rate_limits: null, failure_mode: "fail_closed" });
    expect((await client.patch(path, {})).body).toEqual(bare.body);
    const deleted = await client.delete(path);
    expect([deleted.status, deleted.text]).toEqual([204, ""]);
    await expectGone(client, path);
  }
});

test("needs only a name, which need not be unique", async ({ api }) => {
  const name = unique("only");
  expect(await createResource(api.adminKey, "/organizations", { name })).toMatchObject({
    budget: null,
    rate_limits: null,
    failure_mode: "fail_closed",
  });
  expect((await api.adminKey.post("/organizations", { name })).status).toBe(201);
});

test("rejects an invalid field and names it", async ({ api }) => {
  const { id } = await newOrganization(api);
  await expectInvalidFields(
    api.adminKey,
    { collection: "/organizations", valid: () => ({ name: unique("wrong") }), id: id },
    [
      ["color", { color: "red" }],
      ["name", { name: "" }],
      ["name", { name: 5 }],
      ["budget.limit_usd", { budget: { limit_usd: 5, period: "day" } }],
      ["budget.limit_usd", { budget: { limit_usd: "1e3", period: "day" } }],
      ["budget.limit_usd", { budget: { limit_usd: "-1", period: "day" } }],
      ["budget.period", { budget: { limit_usd: "1", period: "year" } }],
      ["budget.period", { budget: { limit_usd: "1" } }],
      ["budget.color", { budget: { limit_usd: "1", period: "day", color: "red" } }],
      ["budget.soft_limit_percent", { budget: { limit_usd: "1", period: "day", soft_limit_percent: 101 } }],
      ["rate_limits.requests_per_minute", { rate_limits: { requests_per_minute: 0 } }],
      ["rate_limits.max_concurrent", { rate_limits: { max_concurrent: 1.5 } }],
      ["rate_limits.windows.0.seconds", { rate_limits: { windows: [{ requests: 1 }] } }],
      ["failure_mode", { failure_mode: "fail" }],
      ["fail_open_allowance_usd", { fail_open_allowance_usd: 1 }],
    ],
  );
});

test("a limit of zero blocks the next request, and null removes the budget", async ({ api, gate }) => {
  const { id, key } = await newTenant(api);
  const budget = (value: object | null) => api.adminKey.patch(`/organizations/${id}`, { budget: value });
  expect(await outcome(gate, byKey(key))).toBe("200");
  await budget({ limit_usd: "0", period: "month" });
  const rejected = await chat(gate, byKey(key));
  expect(rejected.outcome).toBe("429 insufficient_quota");
  expect(rejected.headers.get("x-should-retry")).toBe("false");
  await budget(null);
  expect(await outcome(gate, byKey(key))).toBe("200");
});

test("a suspended organization is rejected until it is resumed", async ({ api, gate }) => {
  const { id, key } = await newTenant(api);
  const { key: another } = await newTenant(api);
  for (const _twice of [1, 2]) {
    expect((await api.adminKey.post(`/organizations/${id}/suspend`)).status).toBe(200);
    expect(await outcome(gate, byKey(key))).toBe("403 organization_suspended");
    expect(await outcome(gate, byKey(another))).toBe("200");
  }
  for (const _twice of [1, 2]) {
    expect((await api.adminKey.post(`/organizations/${id}/resume`)).status).toBe(200);
    expect(await outcome(gate, byKey(key))).toBe("200");
  }
});

test("is not deleted while it has users; then its keys go and its requests stay", async ({ api, gate }) => {
  const { id, userId, key } = await newTenant(api);
  const ofAll = await api.adminKey.post("/api-keys", { name: "of all", organization_id: id });
  const { id: requestId } = await chat(gate, byKey(String(ofAll.body.key)));
  const rejected = await api.adminKey.delete(`/organizations/${id}`);
  expect([rejected.status, rejected.code]).toEqual([409, "conflict"]);
  expect(await outcome(gate, byKey(key))).toBe("200");
  expect((await api.adminKey.delete(`/users/${userId}`)).status).toBe(204);
  expect((await api.adminKey.delete(`/organizations/${id}`)).status).toBe(204);
  expect(await outcome(gate, byKey(String(ofAll.body.key)))).toBe("401 invalid_api_key");
  expect((await api.adminKey.get(`/requests/${requestId}`)).body).toMatchObject({
    organization_id: id,
    api_key_id: ofAll.id,
  });
});

test("usage covers the budget's period, or the current month without a budget", async ({ api, gate }) => {
  const { id, key } = await newTenant(api);
  const cost = (await chat(gate, byKey(key))).headers.get("x-tollgate-cost-usd");
  const usage = async () => (await api.adminKey.get(`/organizations/${id}/usage`)).body;
  const used = { requests: 1, input_tokens: 9, output_tokens: 5, cost_usd: cost };
  const now = new Date();
  const at = (months: number, days: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, days)).toISOString();
  const [today, sinceMonday] = [now.getUTCDate(), (now.getUTCDay() + 6) % 7];
  const periods: [string, start: string, end: string | null][] = [
    ["day", at(0, today), at(0, today + 1)],
    ["week", at(0, today - sinceMonday), at(0, today - sinceMonday + 7)],
    ["month", at(0, 1), at(1, 1)],
  ];
  expect(await usage()).toEqual({ period: { start: at(0, 1), end: at(1, 1) }, budget: null, ...used });
  for (const [period, start, end] of periods) {
    await api.adminKey.patch(`/organizations/${id}`, { budget: { limit_usd: "0.00001", period } });
    expect(await usage(), period).toEqual({
      period: { start, end },
      budget: { limit_usd: "0.00001", spent_usd: cost, held_usd: "0", remaining_usd: "0.00000565" },
      ...used,
    });
  }
  await api.adminKey.patch(`/organizations/${id}`, { budget: { limit_usd: "1", period: "total" } });
  expect(await usage()).toMatchObject({ period: { end: null }, budget: { spent_usd: cost }, ...used });
});

test("pages newest first without shifting while others are created", async ({ api }) => {
  const first = await newOrganization(api);
  const second = await newOrganization(api);
  const third = await newOrganization(api);
  const page = await api.adminKey.get("/organizations", { query: { limit: 2 } });
  expect(page.data).toEqual([third, second]);
  await newOrganization(api);
  await api.adminKey.delete(`/organizations/${second.id}`);
  const cursor = String(page.body.next_cursor);
  const next = await api.adminKey.get("/organizations", { query: { limit: 1, cursor } });
  expect(next.data).toEqual([first]);
  await expectInvalidQueries(api.adminKey, "/organizations", [
    ["limit", 0],
    ["limit", 201],
    ["limit", "x"],
    ["cursor", "x"],
  ]);
});

test("lists its users, page by page", async ({ api }) => {
  const { id, userId } = await newTenant(api);
  const newer = await newUser(api, id);
  const { data, body } = await api.adminKey.get(`/organizations/${id}/users`, { query: { limit: 1 } });
  expect(data).toEqual([newer]);
  const cursor = String(body.next_cursor);
  const rest = await api.adminKey.get(`/organizations/${id}/users`, { query: { cursor } });
  expect([rest.data.map((user) => user.id), rest.body.next_cursor]).toEqual([[userId], null]);
});

const create = (): Operation => ["POST", "/organizations", { name: unique("rejected") }];
const changes = (id: string): Operation[] => [
  ["PATCH", `/organizations/${id}`, { budget: null }],
  ["DELETE", `/organizations/${id}`],
  ["POST", `/organizations/${id}/suspend`],
  ["POST", `/organizations/${id}/resume`],
];
const reads = (id: string): Operation[] => [
  ["GET", `/organizations/${id}`],
  ["GET", `/organizations/${id}/usage`],
  ["GET", `/organizations/${id}/users`],
];

test("its users read it, its org_admin renames it, and other changes need an administrator", async ({
  api,
}) => {
  const own = await newOrganization(api, { budget: { limit_usd: "1", period: "day" } });
  const { orgAdmin, viewer } = await tokensOf(api, own.id);
  for (const client of [orgAdmin, viewer]) {
    expect((await client.get("/organizations")).data).toEqual([own]);
    for (const [, path] of reads(own.id)) expect((await client.get(path)).status, path).toBe(200);
    await expectEach(client, [create(), ...changes(own.id)], FORBIDDEN);
  }
  const name = unique("renamed");
  expect((await viewer.patch(`/organizations/${own.id}`, { name })).status).toBe(403);
  expect((await orgAdmin.patch(`/organizations/${own.id}`, { name })).body).toEqual({ ...own, name });
});

test("is hidden from members and other organizations", async ({ api }) => {
  const { id } = await newTenant(api);
  const operations = { collection: "/organizations", reads, changes, changedBy: "org_admin" } as const;
  await expectHidden(api, operations, { id });
  await expectEach(api.memberSession, reads(api.cast.a.id), NOT_FOUND);
  expect((await api.memberSession.get("/organizations")).data).toEqual([]);
});
