import { beforeEach, describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import {
  type CallerState,
  expiredPayment,
  revokedKey,
  suspendedOrganization,
} from "#lib/gateway/testing/caller-states";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { postInParts } from "#lib/testing/post-in-parts";

const messages = [{ role: "user", content: "Hello!" }];
const gate = await testGateway({
  models: [{ name: "instant" }, { name: "org/with-slash", upstreamModel: "instant" }, { name: "disabled" }],
  maxBodyBytes: 10_000,
});
await gate.sql`UPDATE models SET enabled = false WHERE name = 'disabled'`;
await gate.sql`UPDATE models SET aliases = '{fast}' WHERE name = 'instant'`;

const ask = async (body: unknown, headers?: Record<string, string>) => {
  const response = await gate.chat(body, { headers });
  return { response, body: await response.json() };
};
const plain = { model: "instant", messages };

describe("a caller", () => {
  test.each([
    ["x-api-key", () => ({ authorization: "", "x-api-key": gate.seeded.apiKey })],
    ["apikey", () => ({ authorization: "", apikey: gate.seeded.apiKey })],
    ["authorization in any case", () => ({ authorization: `bearer ${gate.seeded.apiKey}` })],
  ])("may present its key as %s", async (_, headers) => {
    expect((await ask(plain, headers())).response.status).toBe(200);
  });

  test.each([
    ["no key", () => ({ authorization: "" })],
    ["a well-formed key that does not exist", () => ({ authorization: `Bearer ${newApiKey("live")}` })],
    ["a mistyped key", () => ({ authorization: `Bearer ${gate.seeded.apiKey.slice(0, -1)}~` })],
    ["basic credentials", () => ({ authorization: "Basic dTpw" })],
    ["half of an app's headers", () => ({ authorization: "", "x-gateway-secret": "s" })],
  ])("with %s gets 401 in OpenAI's shape, before its body is checked", async (_, headers) => {
    const { response, body } = await ask("this is not JSON", headers());
    expect(response.status).toBe(401);
    expect(body).toEqual({
      error: {
        message: expect.any(String),
        type: "authentication_error",
        param: null,
        code: "invalid_api_key",
      },
    });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("may be an internal app, by its secret and id, on behalf of a user of its organization", async () => {
    const { ids } = gate.seeded;
    await gate.sql`UPDATE users SET external_id = 'oid-1' WHERE id = ${ids.user}`;
    const secret = "app-secret-for-tests";
    const [app] = await gate.sql`
      INSERT INTO apps (name, organization_id, external_id, secret_hash)
      VALUES ('crm', ${ids.organization}, 'crm', ${gate.hashSecret(secret)}) RETURNING id`;
    const as = (headers: Record<string, string>) =>
      ask(plain, { authorization: "", "x-gateway-secret": secret, ...headers });

    const { response } = await as({ "x-app-id": "crm", "x-user-oid": "oid-1" });
    expect(response.status).toBe(200);
    expect(await gate.settledRow(response.headers.get("x-request-id"))).toMatchObject({
      app_id: app?.id,
      user_id: ids.user,
      api_key_id: null,
      organization_id: ids.organization,
    });
    expect((await as({ "x-app-id": String(app?.id) })).response.status).toBe(200);
    expect((await as({ "x-app-id": "crm", "x-user-oid": "another-user" })).response.status).toBe(401);
    expect((await as({ "x-app-id": "other" })).response.status).toBe(401);
    expect((await as({ "x-app-id": "crm", "x-gateway-secret": "wrong" })).response.status).toBe(401);
    await gate.sql`UPDATE apps SET disabled = true WHERE id = ${String(app?.id)}`;
    expect((await as({ "x-app-id": "crm" })).response.status).toBe(401);
  });
});

describe("a change applies to the next request, although the caller is cached", () => {
  beforeEach(async () => {
    expect((await ask(plain)).response.status).toBe(200);
  });

  test.each<[name: string, status: number, code: string, state: CallerState]>([
    ["a suspended organization", 403, "organization_suspended", suspendedOrganization],
    ["an expired payment", 403, "payment_expired", expiredPayment],
    [
      "a model taken away",
      403,
      "model_not_allowed",
      {
        set: () =>
          gate.sql`UPDATE api_keys SET allowed_models = '{other}' WHERE id = ${gate.seeded.ids.apiKey}`,
        undo: () => gate.sql`UPDATE api_keys SET allowed_models = NULL WHERE id = ${gate.seeded.ids.apiKey}`,
      },
    ],
    [
      "a disabled model",
      404,
      "model_not_found",
      {
        set: () => gate.sql`UPDATE models SET enabled = false WHERE name = 'instant'`,
        undo: () => gate.sql`UPDATE models SET enabled = true WHERE name = 'instant'`,
      },
    ],
    [
      "a disabled provider",
      503,
      "service_unavailable",
      {
        set: () => gate.sql`UPDATE providers SET enabled = false`,
        undo: () => gate.sql`UPDATE providers SET enabled = true`,
      },
    ],
    ["a revoked key", 401, "invalid_api_key", revokedKey],
  ])("%s: %i %s, until it is undone", async (_, status, code, state) => {
    await state.set(gate);
    const { response, body } = await ask(plain);
    expect([response.status, body.error.code]).toEqual([status, code]);
    await state.undo(gate);
    expect((await ask(plain)).response.status).toBe(200);
  });
});

describe("a body", () => {
  test.each([
    ["that is no JSON", "{", null, "invalid_request"],
    ["that is no object", "[]", null, "invalid_request"],
    ["that is empty", "", null, "invalid_request"],
    ["without a model", { messages }, "model", "invalid_request"],
    ["without messages", { model: "instant" }, "messages", "invalid_request"],
    ["with no messages", { model: "instant", messages: [] }, "messages", "invalid_request"],
    [
      "with a message without a role",
      { model: "instant", messages: [{ content: "x" }] },
      "messages[0].role",
      "invalid_request",
    ],
    ["with a bound below zero", { ...plain, max_tokens: -1 }, "max_tokens", "invalid_request"],
    [
      "with a bound of half a token",
      { ...plain, max_completion_tokens: 0.5 },
      "max_completion_tokens",
      "invalid_request",
    ],
    ["with too many choices", { ...plain, n: 129 }, "n", "invalid_request"],
    ["with stream as a word", { ...plain, stream: "yes" }, "stream", "invalid_request"],
    [
      "with a model twice",
      '{"model":"instant","model":"dear","messages":[{"role":"user"}]}',
      "model",
      "invalid_request",
    ],
    ["with a priced tier", { ...plain, service_tier: "priority" }, "service_tier", "unsupported_parameter"],
    ["with web search", { ...plain, web_search_options: {} }, "web_search_options", "unsupported_parameter"],
    ["that would be stored at the provider", { ...plain, store: true }, "store", "unsupported_parameter"],
  ])("%s is a 400 that names the field, and nothing is held", async (_, body, param, code) => {
    const [before] = await gate.sql`SELECT count(*) FROM ledger`;
    const answer = await ask(body);
    expect(answer.response.status).toBe(400);
    expect(answer.body.error).toEqual({
      message: expect.any(String),
      type: "invalid_request_error",
      param,
      code,
    });
    expect(await gate.sql`SELECT count(*) FROM ledger`).toEqual([before]);
  });

  test("that is too large is a 413, declared or not", async () => {
    const large = { ...plain, padding: "x".repeat(10_000) };
    expect((await ask(large)).response.status).toBe(413);
    expect(await statusOfChunked(Buffer.from(JSON.stringify(large)))).toBe(413);
    expect(await statusOfChunked(Buffer.from(JSON.stringify(plain)))).toBe(200);
  });

  test("that is far too large still gets its answer while it is being sent", async () => {
    const large = JSON.stringify({ ...plain, padding: "x".repeat(20 * 1024 * 1024) });
    for (let i = 0; i < 5; i++) expect((await gate.chat(large)).status).toBe(413);
  });

  test("that is not UTF-8 is a 400", async () => {
    expect(await statusOfChunked(Buffer.from([0x7b, 0xff, 0x7d]))).toBe(400);
  });

  test("names a model that does not exist: 404", async () => {
    const { response, body } = await ask({ ...plain, model: "nope" });
    expect(response.status).toBe(404);
    expect(body.error).toMatchObject({ code: "model_not_found", param: "model" });
    expect((await ask({ ...plain, model: "disabled" })).response.status).toBe(404);
  });

  test("may name a model by its alias; upstream and ledger have its own name", async () => {
    const { response } = await ask({ ...plain, model: "fast" });
    expect(response.headers.get("x-tollgate-model")).toBe("instant");
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ model: "instant" });
  });
});

describe("GET /v1/models", () => {
  const get = (path: string) =>
    fetch(`${gate.url}${path}`, { headers: { authorization: `Bearer ${gate.seeded.apiKey}` } });

  test("lists the enabled models that the caller may use", async () => {
    const body = await (await get("/models")).json();
    expect(body.object).toBe("list");
    expect(body.data.map((model: { id: string }) => model.id)).toEqual(["instant", "org/with-slash"]);
    expect(body.data[0]).toMatchObject({
      object: "model",
      created: expect.any(Number),
      owned_by: gate.seeded.providerName,
    });
    await gate.sql`UPDATE api_keys SET allowed_models = '{instant}' WHERE id = ${gate.seeded.ids.apiKey}`;
    const fewer = await (await get("/models")).json();
    expect(fewer.data).toHaveLength(1);
    await gate.sql`UPDATE api_keys SET allowed_models = NULL WHERE id = ${gate.seeded.ids.apiKey}`;
  });

  test.each([
    ["/models/instant"],
    ["/models/org/with-slash"],
    ["/models/org%2Fwith-slash"],
    ["/models/fast"],
  ])("retrieves one at %s", async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ object: "model" });
  });

  test("answers 404 for another, 401 without a key, with a request id", async () => {
    expect((await get("/models/nope")).status).toBe(404);
    const anonymous = await fetch(`${gate.url}/models`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.has("x-request-id")).toBe(true);
  });
});

test("an unknown path is a 404 and a wrong method a 405, both in OpenAI's shape", async () => {
  const unknown = await fetch(`${gate.url}/nothing/here`);
  expect([unknown.status, (await unknown.json()).error.code]).toEqual([404, "not_found"]);
  const wrong = await fetch(`${gate.url}/chat/completions`);
  expect([wrong.status, wrong.headers.get("allow"), (await wrong.json()).error.code]).toEqual([
    405,
    "POST",
    "method_not_allowed",
  ]);
});

test("keeps the client's own request id along with ours", async () => {
  const { response } = await ask(plain, { "x-request-id": "trace-42" });
  const requestId = response.headers.get("x-request-id");
  expect(requestId).not.toBe("trace-42");
  expect(await gate.settledRow(requestId)).toMatchObject({ client_request_id: "trace-42" });
});

const statusOfChunked = (body: Buffer): Promise<number> =>
  postInParts(gate.url, gate.seeded.apiKey, [body.subarray(0, 5), body.subarray(5)]);
