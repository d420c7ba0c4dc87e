import { randomUUID } from "node:crypto";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { type Api, expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import { expectEach, expectInvalidFields, FORBIDDEN, NOT_FOUND, UNAUTHORIZED } from "./expectations";
import { createResource, newModel, newSimulatedProvider, newTenant, unique } from "./resources";

/** A new credential, which no response may contain. */
const credential = () => `CANARY-${randomUUID()}`;

const modelAt = (api: Api, providerId: string, upstreamModel: string) =>
  newModel(api, providerId, { targets: [{ provider_id: providerId, upstream_model: upstreamModel }] });

test("an administrator creates, reads, lists, updates, tests and deletes providers", async ({
  api,
  gate,
}) => {
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const whole = { name: unique("all"), type: "openai-compatible", base_url: gate.upstream.url };
    const secret = credential();
    const answers = [await client.post("/providers", { ...whole, credentials: { api_key: secret } })];
    const [{ status, id, body: provider } = { status: 0, id: "", body: {} }] = answers;
    expect([status, provider]).toEqual([201, expect.objectContaining({ ...whole, enabled: true })]);
    const path = `/providers/${id}`;
    answers.push(await client.get(path), await client.get("/providers", { query: { limit: 1 } }));
    expect(answers[1]?.body).toEqual(provider);
    expect(answers[2]?.data).toEqual([provider]);
    const name = unique("changed");
    answers.push(await client.patch(path, { name, enabled: false }));
    expect(answers[3]?.body).toEqual({ ...provider, name, enabled: false });
    answers.push(await client.post(`${path}/test`));
    expect([answers[4]?.status, answers[4]?.body]).toEqual([
      200,
      { healthy: true, latency_ms: expect.any(Number) },
    ]);
    answers.push(await client.delete(path));
    expect(answers[5]?.status).toBe(204);
    answers.push(await client.get("/audit-log", { query: { subject_id: id } }));
    expect(answers[6]?.data.length).toBe(3);
    for (const { text } of answers) expect(text).not.toContain(secret);
    await expectEach(
      client,
      [
        ["GET", path],
        ["DELETE", path],
        ["POST", `${path}/test`],
        ["GET", `${path}/models`],
      ],
      NOT_FOUND,
    );
  }
});

test("sends credentials only to the host they were given for", async ({ api, gate }) => {
  const { key } = await newTenant(api);
  const [first, second] = [credential(), credential()];
  const provider = await createResource(api.adminKey, "/providers", {
    name: unique("moving"),
    type: "openai-compatible",
    base_url: gate.upstream.url,
    credentials: { api_key: first },
  });
  const { name: model } = await modelAt(api, provider.id, "instant");
  const sent = () => gate.upstream.requests.at(-1)?.headers.authorization;
  expect(await outcome(gate, byKey(key), { model })).toBe("200");
  expect(sent()).toBe(`Bearer ${first}`);
  const path = `/providers/${provider.id}`;
  const elsewhere = gate.upstream.url.replace("127.0.0.1", "localhost");
  const rejected = await api.adminKey.patch(path, { base_url: elsewhere });
  expect([rejected.status, rejected.param]).toEqual([400, "credentials"]);
  const samePlace = await api.adminKey.patch(path, { base_url: `${gate.upstream.url}/` });
  expect(samePlace.status).toBe(200);
  const moved = await api.adminKey.patch(path, { base_url: elsewhere, credentials: { api_key: second } });
  expect([moved.status, moved.body.base_url]).toEqual([200, elsewhere]);
  expect(await outcome(gate, byKey(key), { model })).toBe("200");
  expect(sent()).toBe(`Bearer ${second}`);
  const log = await api.adminKey.get("/audit-log", { query: { subject_id: provider.id } });
  for (const text of [rejected.text, moved.text, log.text]) expect(text).not.toMatch(/CANARY/);
});

test("a test says what is wrong, without the credential", async ({ api, gate }) => {
  const secret = credential();
  const cases: [base_url: string, RegExp][] = [
    ["http://127.0.0.1:9", /./],
    [`${gate.url}/v1`, /credentials/],
    [`${gate.url}/docs`, /./],
  ];
  for (const [base_url, problem] of cases) {
    const { id } = await createResource(api.adminKey, "/providers", {
      name: unique("ill"),
      type: "openai-compatible",
      base_url,
      credentials: { api_key: secret },
    });
    const { status, body, text } = await api.adminKey.post(`/providers/${id}/test`);
    expect([status, body], base_url).toEqual([
      200,
      { healthy: false, latency_ms: expect.any(Number), error: expect.stringMatching(problem) },
    ]);
    expect(text).not.toContain(secret);
  }
});

test("a simulated provider answers without an upstream", async ({ api, gate }) => {
  const { key } = await newTenant(api);
  const { id, ...provider } = await newSimulatedProvider(api, "simulated");
  const { name: model } = await modelAt(api, id, "anything");
  const { outcome: answered, headers } = await chat(gate, byKey(key), { model });
  expect([answered, headers.get("x-tollgate-provider")]).toEqual(["200", Object(provider).name]);
  expect((await api.adminKey.post(`/providers/${id}/test`)).body).toMatchObject({ healthy: true });
  expect((await api.adminKey.get(`/providers/${id}/models`)).body).toEqual({
    data: [{ id: "simulated", name: "Simulated" }],
  });
});

test("serves nothing while disabled, and is not deleted while models or keys need it", async ({
  api,
  gate,
}) => {
  const { key, keyId } = await newTenant(api);
  const { id } = await newSimulatedProvider(api, "needed");
  const { id: modelId, name: model } = await modelAt(api, id, "anything");
  await api.adminKey.patch(`/providers/${id}`, { enabled: false });
  expect(await outcome(gate, byKey(key), { model })).toBe("503 service_unavailable");
  await api.adminKey.patch(`/providers/${id}`, { enabled: true });
  expect(await outcome(gate, byKey(key), { model })).toBe("200");
  await api.adminKey.patch(`/api-keys/${keyId}`, { provider_id: id });
  expect((await api.adminKey.delete(`/providers/${id}`)).status).toBe(409);
  await api.adminKey.delete(`/models/${modelId}`);
  expect((await api.adminKey.delete(`/providers/${id}`)).status).toBe(409);
  await api.adminKey.patch(`/api-keys/${keyId}`, { provider_id: null });
  expect((await api.adminKey.delete(`/providers/${id}`)).status).toBe(204);
  const { data } = await api.adminKey.get("/requests", { query: { api_key_id: keyId } });
  expect(data).toMatchObject([{ model, provider: expect.stringContaining("needed") }]);
});

test("rejects an invalid field and a taken name", async ({ api, gate }) => {
  const name = unique("taken");
  const url = gate.upstream.url;
  const { id } = await createResource(api.adminKey, "/providers", {
    name,
    type: "openai-compatible",
    base_url: url,
  });
  await expectInvalidFields(
    api.adminKey,
    {
      collection: "/providers",
      valid: () => ({ name: unique("wrong"), type: "openai-compatible", base_url: url }),
      id: id,
    },
    [
      ["color", { color: "red" }],
      ["name", { name: "" }],
      ["base_url", { base_url: "ftp://example.com" }],
      ["base_url", { base_url: "http://169.254.169.254/v1" }],
      ["base_url", { base_url: "http://user:password@example.com/v1" }],
      ["credentials.token", { credentials: { api_key: "x", token: "y" } }],
      ["credentials", { credentials: "x" }],
    ],
  );
  for (const type of ["smtp", "telegraph", "OpenAI"]) {
    expect((await api.adminKey.post("/providers", { name: unique("x"), type })).param).toBe("type");
  }
  const clash = await api.adminKey.post("/providers", { name, type: "simulated" });
  expect([clash.status, clash.code, clash.param]).toEqual([409, "conflict", "name"]);
});

test("reading, changing and testing need an administrator", async ({ api, gate }) => {
  const path = `/providers/${gate.seeded.ids.provider}`;
  const things = [
    ["GET", "/providers"],
    ["POST", "/providers", { name: unique("rejected"), type: "simulated" }],
    ["GET", path],
    ["PATCH", path, { enabled: false }],
    ["DELETE", path],
    ["POST", `${path}/test`],
  ] as const;
  const otherRoles = [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession];
  for (const client of otherRoles) await expectEach(client, things, FORBIDDEN);
  await expectEach(api.anonymous, things, UNAUTHORIZED);
  await expectEach(
    api.adminKey,
    [
      ["GET", `/providers/${UNKNOWN_ID}`],
      ["PATCH", `/providers/${UNKNOWN_ID}`, { enabled: false }],
    ],
    NOT_FOUND,
  );
});
