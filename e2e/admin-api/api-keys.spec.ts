import { UNKNOWN_ID } from "#lib/services/testing/context";
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
import {
  createResource,
  newKey,
  newOrganization,
  newSimulatedProvider,
  newTenant,
  newUser,
  tokensOf,
  unique,
} from "./resources";

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

test("an administrator creates, reads, lists, updates and deletes keys", async ({ api, gate }) => {
  const { userId, id: organizationId } = await newTenant(api);
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const whole = {
      name: unique("all"),
      user_id: userId,
      budget: { limit_usd: "0.10", period: "day", soft_limit_percent: 50 },
      rate_limits: { requests_per_minute: 100, windows: [{ requests: 500, seconds: 3600 }] },
      allowed_models: [gate.model("instant")],
      allowed_ips: ["127.0.0.0/8", "::1"],
      provider_id: gate.seeded.ids.provider,
      expires_at: inAnHour(),
      tags: ["batch", "night"],
    };
    const { key: secret, ...key } = Object(await createResource(client, "/api-keys", whole));
    expect(secret).toMatch(/^tg_[a-z]+_[0-9A-Za-z]{20,}$/);
    expect(secret.startsWith(key.key_prefix)).toBe(true);
    expect(key).toMatchObject({
      ...whole,
      organization_id: organizationId,
      budget: { limit_usd: "0.1", period: "day", soft_limit_percent: 50 },
      allowed_ips: ["127.0.0.0/8", "::1"],
    });
    expect(await outcome(gate, byKey(secret))).toBe("200");
    const path = `/api-keys/${key.id}`;
    const used = { ...key, last_used_at: expect.any(String), requests_this_month: 1 };
    const read = await client.get(path);
    expect(read.body).toMatchObject({ ...used, spent_this_month_usd: "0.00000435" });
    expect((await client.get("/api-keys", { query: { limit: 1 } })).data).toEqual([read.body]);
    const changes = {
      name: unique("changed"),
      budget: null,
      rate_limits: null,
      allowed_models: null,
      allowed_ips: null,
      provider_id: null,
      expires_at: null,
      tags: [],
    };
    const changed = await client.patch(path, changes);
    expect([changed.status, changed.body]).toEqual([200, { ...read.body, ...changes }]);
    expect((await client.delete(path)).status).toBe(204);
    expect(await outcome(gate, byKey(secret))).toBe("401 invalid_api_key");
    await expectGone(client, path);
    const { data } = await client.get("/requests", { query: { api_key_id: key.id } });
    expect(data).toMatchObject([{ api_key_id: key.id, user_id: userId, tags: ["batch", "night"] }]);
    for (const text of [read.text, changed.text]) expect(text).not.toContain(secret);
  }
});

test("a key belongs to a user or an organization, and is found by owner, tags and metadata", async ({
  api,
}) => {
  const { id: organization_id } = await newOrganization(api);
  const user = await newUser(api, organization_id);
  const tag = unique("tag");
  const ofUser = await createResource(api.adminKey, "/api-keys", {
    name: "a",
    user_id: user.id,
    tags: [tag, "x"],
  });
  const ofAll = await createResource(api.adminKey, "/api-keys", {
    name: "b",
    organization_id,
    tags: [tag],
    metadata: { "cost center": tag },
  });
  expect([ofUser, ofAll]).toMatchObject([
    { organization_id, user_id: user.id },
    { organization_id, user_id: null },
  ]);
  const found = async (query: Record<string, string>) =>
    (await api.adminKey.get("/api-keys", { query })).data.map(({ id }) => id);
  expect(await found({ tag })).toEqual([ofAll.id, ofUser.id]);
  expect(await found({ tag, user_id: user.id })).toEqual([ofUser.id]);
  expect(await found({ "metadata[cost center]": tag })).toEqual([ofAll.id]);
  expect(await found({ organization_id })).toEqual([ofAll.id, ofUser.id]);
  expect(await found({ tag: tag.slice(1) })).toEqual([]);
  expect(await found({ user_id: UNKNOWN_ID })).toEqual([]);
});

test("rejects an invalid field and names it", async ({ api }) => {
  const { userId, keyId } = await newTenant(api);
  await expectInvalidFields(
    api.adminKey,
    { collection: "/api-keys", valid: () => ({ name: "wrong", user_id: userId }), id: keyId },
    [
      ["color", { color: "red" }],
      ["name", { name: "" }],
      ["budget.limit_usd", { budget: { limit_usd: "one", period: "day" } }],
      ["allowed_models", { allowed_models: "all" }],
      ["allowed_ips.0", { allowed_ips: ["10.0.0.0/33"] }],
      ["provider_id", { provider_id: "x" }],
      ["expires_at", { expires_at: "tomorrow" }],
      ["tags", { tags: "x" }],
      ["tags.0", { tags: [""] }],
    ],
  );
  expect((await api.adminKey.post("/api-keys", { name: "nobody's" })).status).toBe(400);
  const past = { name: "past", user_id: userId, expires_at: "2020-01-01T00:00:00Z" };
  expect((await api.adminKey.post("/api-keys", past)).param).toBe("expires_at");
  for (const field of ["user_id", "organization_id"]) {
    const nowhere = await api.adminKey.post("/api-keys", { name: "x", [field]: UNKNOWN_ID });
    expect([nowhere.status, nowhere.param]).toEqual([404, field]);
  }
});

test("null allows all models, an empty list none", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  const other = { model: gate.model("stream-100") };
  const cases: [string[] | null, string, string][] = [
    [null, "200", "200"],
    [[], "403 model_not_allowed", "403 model_not_allowed"],
    [[gate.model("instant")], "200", "403 model_not_allowed"],
    [["nothing-here"], "403 model_not_allowed", "403 model_not_allowed"],
    [null, "200", "200"],
  ];
  for (const [allowed_models, first, second] of cases) {
    const { body } = await api.adminKey.patch(`/api-keys/${keyId}`, { allowed_models });
    expect(body.allowed_models).toEqual(allowed_models);
    expect([await outcome(gate, byKey(key)), await outcome(gate, byKey(key), other)]).toEqual([
      first,
      second,
    ]);
  }
});

test("null allows all addresses, an empty list none", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  const cases: [string[] | null, string][] = [
    [["203.0.113.0/24"], "403 ip_not_allowed"],
    [["203.0.113.0/24", "127.0.0.1"], "200"],
    [[], "403 ip_not_allowed"],
    [null, "200"],
  ];
  for (const [allowed_ips, expected] of cases) {
    await api.adminKey.patch(`/api-keys/${keyId}`, { allowed_ips });
    expect(await outcome(gate, byKey(key)), String(allowed_ips)).toBe(expected);
  }
});

test("a limit of zero blocks only the key, spend counts, and null removes the budget", async ({
  api,
  gate,
}) => {
  const { userId, keyId, key } = await newTenant(api);
  const { key: second } = await newKey(api, { user_id: userId });
  const budget = (value: object | null) => api.adminKey.patch(`/api-keys/${keyId}`, { budget: value });
  await budget({ limit_usd: "0", period: "month" });
  expect(await outcome(gate, byKey(key))).toBe("429 insufficient_quota");
  expect(await outcome(gate, byKey(second))).toBe("200");
  await budget({ limit_usd: "0.001", period: "month" });
  const cost = (await chat(gate, byKey(key), { max_tokens: 16 })).headers.get("x-tollgate-cost-usd");
  const { body } = await api.adminKey.get(`/api-keys/${keyId}/usage`);
  expect(body).toMatchObject({
    budget: { limit_usd: "0.001", spent_usd: cost, held_usd: "0", remaining_usd: "0.00099565" },
    requests: 1,
    cost_usd: cost,
  });
  await budget({ limit_usd: cost, period: "month" });
  expect(await outcome(gate, byKey(key))).toBe("429 insufficient_quota");
  await budget(null);
  expect(await outcome(gate, byKey(key))).toBe("200");
});

test("a key restricted to a provider is served by that one or not at all", async ({ api, gate }) => {
  const { keyId, key } = await newTenant(api);
  const other = await newSimulatedProvider(api, "other");
  const bind = (provider_id: string | null) => api.adminKey.patch(`/api-keys/${keyId}`, { provider_id });
  await bind(gate.seeded.ids.provider);
  const served = await chat(gate, byKey(key));
  expect([served.outcome, served.headers.get("x-tollgate-provider")]).toEqual([
    "200",
    gate.seeded.providerName,
  ]);
  await bind(other.id);
  expect(await outcome(gate, byKey(key))).toBe("404 model_not_found");
  await bind(null);
  expect(await outcome(gate, byKey(key))).toBe("200");
});

test("an org_admin does everything in their organization except set the provider", async ({ api, gate }) => {
  const { id, userId } = await newTenant(api);
  const { orgAdmin } = await tokensOf(api, id);
  const key = await createResource(orgAdmin, "/api-keys", { name: "ours", user_id: userId, tags: ["x"] });
  const path = `/api-keys/${key.id}`;
  const tasks: Operation[] = [
    ["GET", path],
    ["GET", `${path}/usage`],
    ["PATCH", path, { budget: { limit_usd: "1", period: "day" }, allowed_models: [] }],
    ["POST", `${path}/rotate`],
    ["POST", `${path}/revoke`],
    ["DELETE", path],
  ];
  await expectEach(orgAdmin, [["PATCH", path, { provider_id: gate.seeded.ids.provider }]], FORBIDDEN);
  await expectSuccess(orgAdmin, tasks);
  for (const owner of [{ organization_id: api.cast.b.id }, { user_id: api.cast.b.member.id }]) {
    await expectEach(orgAdmin, [["POST", "/api-keys", { name: "x", ...owner }]], NOT_FOUND);
  }
});

const changes = (id: string): Operation[] => [
  ["PATCH", `/api-keys/${id}`, { name: "x" }],
  ["POST", `/api-keys/${id}/revoke`],
  ["POST", `/api-keys/${id}/rotate`, {}],
  ["DELETE", `/api-keys/${id}`],
];
const reads = readsOf("/api-keys");

test("a member manages their own keys, a viewer reads the organization's", async ({ api }) => {
  const { id: organization_id, key, member } = api.cast.a;
  const { id: ofAll } = await newKey(api, { organization_id });
  for (const client of [api.viewerToken, api.viewerSession]) {
    const ids = (await client.get("/api-keys", { query: { limit: 200 } })).data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([key.id, ofAll]));
    for (const [, path] of reads(ofAll)) expect((await client.get(path)).status).toBe(200);
    const create = ["POST", "/api-keys", { name: "x", organization_id }] as const;
    await expectEach(client, [create, ...changes(key.id)], FORBIDDEN);
  }
  const client = api.memberSession;
  const own = await createResource(client, "/api-keys", { name: "mine", user_id: member.id });
  const listed = (await client.get("/api-keys", { query: { limit: 200 } })).data;
  expect(listed.every(({ user_id }) => user_id === member.id)).toBe(true);
  await expectEach(client, [...reads(ofAll), ...changes(ofAll)], NOT_FOUND);
  const unbounded = { name: "x", budget: { limit_usd: "1", period: "day" } };
  const others = { name: "x", user_id: api.cast.a.viewer.id };
  await expectEach(
    client,
    [
      ["POST", "/api-keys", unbounded],
      ["POST", "/api-keys", others],
      ["PATCH", `/api-keys/${own.id}`, { allowed_models: [] }],
    ],
    FORBIDDEN,
  );
  // Without revoking, after which a key cannot be rotated.
  await expectSuccess(client, [...reads(own.id), ...changes(own.id).toSpliced(1, 1)]);
});

test("keys of another organization are hidden", async ({ api }) => {
  const { keyId: id, id: organizationId } = await newTenant(api);
  const operations = { collection: "/api-keys", reads, changes, changedBy: "member" } as const;
  await expectHidden(api, operations, { id, organizationId });
});
