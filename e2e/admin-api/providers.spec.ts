import { randomUUID } from "node:crypto";
import { type Api, expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import { aTenant, expectAll, FORBIDDEN, made, NOT_FOUND, NOWHERE, UNAUTHORIZED, unique } from "./things";

const PRICE = { input_per_mtok: "1", output_per_mtok: "2" };

/** A client that also looks for this credential in every answer. */
const credential = () => `CANARY-${randomUUID()}`;

async function modelAt(api: Api, providerId: string, upstreamModel: string) {
  const name = unique("model");
  const targets = [{ provider_id: providerId, upstream_model: upstreamModel }];
  const { id } = await made(api.adminKey, "/models", { name, targets, price: PRICE });
  return { id, name };
}

test("an administrator makes, reads, lists, changes, tests and deletes providers", async ({ api, gate }) => {
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
    await expectAll(
      client,
      [
        ["GET", path],
        ["DELETE", path],
        ["POST", `${path}/test`],
      ],
      NOT_FOUND,
    );
  }
});

test("credentials go upstream, and to no host that they were not given for", async ({ api, gate }) => {
  const { key } = await aTenant(api);
  const [first, second] = [credential(), credential()];
  const provider = await made(api.adminKey, "/providers", {
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
  const refused = await api.adminKey.patch(path, { base_url: elsewhere });
  expect([refused.status, refused.param]).toEqual([400, "credentials"]);
  const samePlace = await api.adminKey.patch(path, { base_url: `${gate.upstream.url}/` });
  expect(samePlace.status).toBe(200);
  const moved = await api.adminKey.patch(path, { base_url: elsewhere, credentials: { api_key: second } });
  expect([moved.status, moved.body.base_url]).toEqual([200, elsewhere]);
  expect(await outcome(gate, byKey(key), { model })).toBe("200");
  expect(sent()).toBe(`Bearer ${second}`);
  const log = await api.adminKey.get("/audit-log", { query: { subject_id: provider.id } });
  for (const text of [refused.text, moved.text, log.text]) expect(text).not.toMatch(/CANARY/);
});

test("a test tells what is wrong, without the credential", async ({ api, gate }) => {
  const secret = credential();
  const cases: [base_url: string, RegExp][] = [
    ["http://127.0.0.1:9", /./],
    [`${gate.url}/v1`, /credentials/],
    [`${gate.url}/docs`, /./],
  ];
  for (const [base_url, problem] of cases) {
    const { id } = await made(api.adminKey, "/providers", {
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

test("a simulated provider answers by itself", async ({ api, gate }) => {
  const { key } = await aTenant(api);
  const { id, ...provider } = await made(api.adminKey, "/providers", {
    name: unique("simulated"),
    type: "simulated",
  });
  const { name: model } = await modelAt(api, id, "anything");
  const { outcome: answered, headers } = await chat(gate, byKey(key), { model });
  expect([answered, headers.get("x-tollgate-provider")]).toEqual(["200", Object(provider).name]);
  expect((await api.adminKey.post(`/providers/${id}/test`)).body).toMatchObject({ healthy: true });
});

test("disabled, it serves nothing; while models or keys need it, it is not deleted", async ({
  api,
  gate,
}) => {
  const { key, keyId } = await aTenant(api);
  const { id } = await made(api.adminKey, "/providers", { name: unique("needed"), type: "simulated" });
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

test("what is wrong is a 400 that names it; a name is one provider's", async ({ api, gate }) => {
  const name = unique("taken");
  const url = gate.upstream.url;
  const { id } = await made(api.adminKey, "/providers", { name, type: "openai-compatible", base_url: url });
  const wrong: [param: string, fields: object][] = [
    ["colour", { colour: "red" }],
    ["name", { name: "" }],
    ["base_url", { base_url: "ftp://example.com" }],
    ["base_url", { base_url: "http://169.254.169.254/v1" }],
    ["base_url", { base_url: "http://user:password@example.com/v1" }],
    ["credentials.token", { credentials: { api_key: "x", token: "y" } }],
    ["credentials", { credentials: "x" }],
  ];
  for (const [param, fields] of wrong) {
    const whole = { name: unique("wrong"), type: "openai-compatible", base_url: url, ...fields };
    const created = await api.adminKey.post("/providers", whole);
    expect([created.status, created.param], created.text).toEqual([400, param]);
    const changed = await api.adminKey.patch(`/providers/${id}`, fields);
    expect([changed.status, changed.param], changed.text).toEqual([400, param]);
  }
  for (const type of ["smtp", "anthropic", "bedrock"]) {
    expect((await api.adminKey.post("/providers", { name: unique("x"), type })).param).toBe("type");
  }
  const clash = await api.adminKey.post("/providers", { name, type: "simulated" });
  expect([clash.status, clash.code, clash.param]).toEqual([409, "conflict", "name"]);
});

test("providers are the administrators' to see, to change and to test", async ({ api, gate }) => {
  const path = `/providers/${gate.seeded.ids.provider}`;
  const things = [
    ["GET", "/providers"],
    ["POST", "/providers", { name: unique("refused"), type: "simulated" }],
    ["GET", path],
    ["PATCH", path, { enabled: false }],
    ["DELETE", path],
    ["POST", `${path}/test`],
  ] as const;
  const everybodyElse = [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession];
  for (const client of everybodyElse) await expectAll(client, things, FORBIDDEN);
  await expectAll(api.nobody, things, UNAUTHORIZED);
  await expectAll(
    api.adminKey,
    [
      ["GET", `/providers/${NOWHERE}`],
      ["PATCH", `/providers/${NOWHERE}`, { enabled: false }],
    ],
    NOT_FOUND,
  );
});
