import { randomUUID } from "node:crypto";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { day } from "#lib/services/testing/day";
import { type Api, expect, test } from "./api-test";
import { byKey, chat, openStream } from "./data-plane";
import { expectEach, expectInvalidQueries, NOT_FOUND, UNAUTHORIZED } from "./expectations";
import { createResource, idsOfAllPages, newKey, newTenant, tokensOf, unique } from "./resources";

/** The fields of a row in the contract. */
const CONTRACT_FIELDS = [
  ..."id created_at settled_at status organization_id user_id api_key_id app_id model provider".split(" "),
  ..."upstream_model input_tokens output_tokens cached_tokens cache_write_tokens reasoning_tokens meters".split(
    " ",
  ),
  ..."hold_usd cost_usd overrun_usd usage_source price_version_id http_status error_code".split(" "),
  ..."latency_ms ttft_ms stream tags metadata session_id endpoint client_request_id provider_cost_usd dropped".split(
    " ",
  ),
];

const read = async (api: Api, id: string) => {
  const { status, body } = await api.adminKey.get(`/requests/${id}`);
  expect(status).toBe(200);
  return body;
};

test("a row has every field of the contract, under the response's request id", async ({ api, gate }) => {
  const { id, userId } = await newTenant(api);
  const key = await newKey(
    api,
    { user_id: userId },
    { tags: ["night", "batch"], metadata: { team: "search" } },
  );
  const clientRequestId = `client-${randomUUID()}`;
  const headers = {
    ...byKey(key.key),
    "x-request-id": clientRequestId,
    "x-tollgate-tags": "batch, eval",
    "x-claude-code-session-id": "session-7",
  };
  const { id: requestId, headers: answered } = await chat(gate, headers, { max_tokens: 100 });
  const row = await read(api, requestId);
  expect(Object.keys(row)).toEqual(expect.arrayContaining(CONTRACT_FIELDS));
  expect(row).toMatchObject({
    id: requestId,
    status: "settled",
    organization_id: id,
    user_id: userId,
    api_key_id: key.id,
    app_id: null,
    model: gate.model("instant"),
    provider: gate.seeded.providerName,
    upstream_model: "instant",
    input_tokens: 9,
    output_tokens: 5,
    cached_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    meters: {},
    cost_usd: "0.00000435",
    overrun_usd: "0",
    usage_source: "provider",
    http_status: 200,
    error_code: null,
    latency_ms: expect.any(Number),
    stream: false,
    tags: ["night", "batch", "eval"],
    metadata: { team: "search" },
    client_request_id: clientRequestId,
    session_id: "session-7",
  });
  const { data } = await api.adminKey.get("/usage", {
    query: { group_by: "metadata:team", organization_id: id },
  });
  expect(data).toMatchObject([{ group: "search", requests: 1, cost_usd: row.cost_usd }]);
  expect(answered.get("x-tollgate-cost-usd")).toBe(row.cost_usd);
  expect(Number(row.hold_usd)).toBeGreaterThan(Number(row.cost_usd));
  expect(String(row.settled_at) >= String(row.created_at)).toBe(true);
});

test("a row tells how the request ended", async ({ api, gate }) => {
  const { key } = await newTenant(api);
  const asked = async (scenario: string, stream = false) =>
    read(api, (await chat(gate, byKey(key), { model: gate.model(scenario), stream })).id);
  expect(await asked("usage-cached-reasoning")).toMatchObject({
    input_tokens: 2006,
    output_tokens: 300,
    cached_tokens: 1920,
    reasoning_tokens: 256,
  });
  expect(await asked("usage-missing")).toMatchObject({ status: "settled", usage_source: "estimated" });
  expect(await asked("instant", true)).toMatchObject({ stream: true, ttft_ms: expect.any(Number) });
  expect(await asked("status-400")).toMatchObject({
    status: "released",
    cost_usd: "0",
    http_status: 400,
    error_code: "invalid_value",
  });
  expect(await asked("status-503")).toMatchObject({ http_status: 502, error_code: "upstream_error" });
});

test("a running request is held, and counts as held in its budgets", async ({ api, gate }) => {
  const { userId, key } = await newTenant(api);
  await api.adminKey.patch(`/users/${userId}`, { budget: { limit_usd: "1", period: "day" } });
  const response = await openStream(gate, byKey(key));
  const id = response.headers.get("x-request-id");
  const held = await api.adminKey.get("/requests", { query: { user_id: userId, status: "held" } });
  expect(held.data).toMatchObject([{ id, settled_at: null, cost_usd: "0", http_status: null }]);
  const usage = async () => (await api.adminKey.get(`/users/${userId}/usage`)).body;
  expect(await usage()).toMatchObject({ budget: { held_usd: held.data[0]?.hold_usd, spent_usd: "0" } });
  await response.text();
  const row = await read(api, String(id));
  expect(row).toMatchObject({ status: "settled", stream: true });
  expect(await usage()).toMatchObject({ budget: { held_usd: "0", spent_usd: row.cost_usd }, requests: 1 });
});

test("every filter finds exactly its matches", async ({ api, gate }) => {
  const { id, userId, keyId, key } = await newTenant(api);
  const app = await createResource(api.adminKey, "/apps", { name: "app", organization_id: id });
  const tag = unique("tag");
  const tagged = await newKey(api, { organization_id: id }, { tags: [tag, "x"] });
  const one = await chat(gate, byKey(key));
  const two = await chat(gate, byKey(tagged.key), { model: gate.model("stream-100") });
  const three = await chat(gate, {
    "x-gateway-secret": String(Object(app).secret),
    "x-app-id": app.id,
  });
  const four = await chat(gate, byKey(key), { model: gate.model("status-400") });
  const adjustment = await createResource(api.adminKey, "/adjustments", {
    scope: { organization_id: id },
    amount_usd: "-1",
    reason: "a refund",
  });
  const found = async (query: Record<string, string>) => {
    const { data } = await api.adminKey.get("/requests", { query: { organization_id: id, ...query } });
    return data.map((row) => row.id);
  };
  const since = String((await read(api, two.id)).created_at);
  expect(await found({})).toEqual([adjustment.id, four.id, three.id, two.id, one.id]);
  expect(await found({ user_id: userId })).toEqual([four.id, one.id]);
  expect(await found({ api_key_id: keyId })).toEqual([four.id, one.id]);
  expect(await found({ app_id: app.id })).toEqual([three.id]);
  expect(await found({ model: gate.model("stream-100") })).toEqual([two.id]);
  expect(await found({ provider: gate.seeded.providerName })).toEqual([four.id, three.id, two.id, one.id]);
  expect(await found({ provider: "nobody" })).toEqual([]);
  expect(await found({ status: "released" })).toEqual([four.id]);
  expect(await found({ status: "adjustment" })).toEqual([adjustment.id]);
  expect(await found({ status: "swept" })).toEqual([]);
  expect(await found({ tag })).toEqual([two.id]);
  expect(await found({ tag, status: "settled", model: gate.model("instant") })).toEqual([]);
  expect(await found({ to: since })).toEqual([one.id]);
  expect(await found({ from: new Date(Date.parse(since) + 1).toISOString() })).toEqual([
    adjustment.id,
    four.id,
    three.id,
  ]);
  expect(await found({ from: day(-1), to: day(1) })).toHaveLength(5);
  expect(await found({ from: day(1) })).toEqual([]);
  expect(await found({ organization_id: UNKNOWN_ID })).toEqual([]);
});

test("rejects an invalid filter and names it", async ({ api }) => {
  await expectInvalidQueries(api.adminKey, "/requests", [
    ["color", "red"],
    ["from", "yesterday"],
    ["to", "2026-13-01"],
    ["status", "lost"],
    ["status", "refused"],
    ["organization_id", "x"],
    ["limit", "0"],
    ["cursor", "x"],
  ]);
});

test("pages follow each other while new requests arrive", async ({ api, gate }) => {
  const { id, key } = await newTenant(api);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.unshift((await chat(gate, byKey(key))).id);
  expect(await idsOfAllPages(api.adminKey, "/requests", { organization_id: id, limit: 2 })).toEqual(ids);
  const first = await api.adminKey.get("/requests", { query: { organization_id: id, limit: 3 } });
  await chat(gate, byKey(key));
  const cursor = String(first.body.next_cursor);
  const rest = await api.adminKey.get("/requests", { query: { organization_id: id, limit: 3, cursor } });
  expect([...first.data, ...rest.data].map((row) => row.id)).toEqual(ids);
  expect(rest.body.next_cursor).toBeNull();
});

test("shows an organization's staff its requests, and a member their own", async ({ api, gate }) => {
  const { id: organization_id, member, key } = api.cast.a;
  const { key: ofAll } = await newKey(api, { organization_id });
  const own = await chat(gate, byKey(key.secret));
  const others = await chat(gate, byKey(ofAll));
  const foreign = await chat(gate, byKey(api.cast.b.key.secret));
  const path = (id: string): ["GET", string] => ["GET", `/requests/${id}`];
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    for (const { id } of [own, others, foreign]) expect((await client.get(`/requests/${id}`)).id).toBe(id);
  }
  for (const client of [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.viewerSession]) {
    const { data } = await client.get("/requests", { query: { limit: 200 } });
    expect(data.every((row) => row.organization_id === organization_id)).toBe(true);
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining([own.id, others.id]));
    expect((await client.get(`/requests/${others.id}`)).status).toBe(200);
    await expectEach(client, [path(foreign.id)], NOT_FOUND);
    const query = { organization_id: api.cast.b.id };
    expect((await client.get("/requests", { query })).data).toEqual([]);
  }
  const { data } = await api.memberSession.get("/requests", { query: { limit: 200 } });
  expect(data.every((row) => row.user_id === member.id)).toBe(true);
  expect((await api.memberSession.get(`/requests/${own.id}`)).status).toBe(200);
  await expectEach(api.memberSession, [path(others.id), path(foreign.id)], NOT_FOUND);
  await expectEach(api.adminKey, [path(UNKNOWN_ID)], NOT_FOUND);
  await expectEach(api.anonymous, [["GET", "/requests"], path(own.id)], UNAUTHORIZED);
});

test("the ledger cannot be changed", async ({ api, gate }) => {
  const { id, key } = await newTenant(api);
  const { orgAdmin } = await tokensOf(api, id);
  const { id: requestId } = await chat(gate, byKey(key));
  for (const client of [api.adminKey, orgAdmin]) {
    for (const method of ["PATCH", "DELETE", "POST"]) {
      expect((await client.send(method, `/requests/${requestId}`)).status).toBe(405);
    }
  }
});
