import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { raw } from "#lib/testing/upstream/scenario";

const json = { "content-type": "application/json" };
const counted = raw(200, json, '{"input_tokens": 2095}');
const refused = raw(
  400,
  json,
  '{"type":"error","error":{"type":"invalid_request_error","message":"messages: too many"}}',
);
const PATH = "/v1/messages/count_tokens";
const unsigned = raw(
  400,
  json,
  '{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}',
);
const THOUGHT = { type: "thinking", thinking: "Hm.", signature: "Zm9yZWlnbg==" };
const SAID = { type: "text", text: "Seven." };
const turns = (content: object[]) => [
  { role: "user", content: "How many?" },
  { role: "assistant", content },
  { role: "user", content: "Sure?" },
];

const gate = await testGateway({
  models: [
    { name: "counts", providerType: "anthropic" },
    { name: "renamed", upstreamModel: "claude-x", providerType: "anthropic" },
    { name: "refuses", providerType: "anthropic" },
    { name: "refuses-thinking", providerType: "anthropic" },
    { name: "does-not-count", providerType: "anthropic" },
    { name: "says-no-count", providerType: "anthropic" },
    { name: "chat-alone" },
    { name: "simulated", providerType: "simulated" },
    { name: "forbidden" },
  ],
  rules: [
    { path: PATH, model: "counts", scenario: counted },
    { path: PATH, model: "claude-x", scenario: counted },
    { path: PATH, model: "refuses", scenario: refused },
    {
      path: PATH,
      model: "refuses-thinking",
      body: { messages: turns([THOUGHT, SAID]) },
      scenario: unsigned,
    },
    { path: PATH, model: "refuses-thinking", scenario: counted },
    { path: PATH, model: "does-not-count", scenario: raw(404, json, '{"error":"no such path"}') },
    { path: PATH, model: "says-no-count", scenario: raw(200, json, '{"total": 5}') },
  ],
});
const messages = [{ role: "user", content: "How many tokens are these words?" }];
const post = (fields: object, headers: Record<string, string> = { "x-api-key": gate.seeded.apiKey }) =>
  fetch(`${gate.url}/messages/count_tokens?beta=true`, {
    method: "POST",
    headers: { ...json, ...headers },
    body: JSON.stringify({ messages, ...fields }),
  });
const countOf = async (fields: object): Promise<number> => (await (await post(fields)).json()).input_tokens;
const rows = async () => Number((await gate.sql`SELECT count(*) AS n FROM ledger`)[0]?.n);

describe("POST /v1/messages/count_tokens", () => {
  test("answers what the provider counts, byte for byte", async () => {
    const answered = await post(
      { model: "renamed" },
      {
        "x-api-key": gate.seeded.apiKey,
        "anthropic-beta": "token-counting-2024-11-01,files-api-2025-04-14",
      },
    );
    expect(await answered.text()).toBe('{"input_tokens": 2095}');
    expect(gate.upstream.requests.at(-1)).toMatchObject({
      path: PATH,
      body: { model: "claude-x", messages },
      headers: {
        "x-api-key": gate.seeded.canary,
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "token-counting-2024-11-01",
      },
    });
  });

  test("passes on the provider's error about the request", async () => {
    const answered = await post({ model: "refuses" });
    expect(answered.status).toBe(400);
    expect(await answered.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: "messages: too many" },
    });
  });

  test("counts a conversation without the thinking that the provider refuses", async () => {
    const model = "refuses-thinking";
    const messages = turns([THOUGHT, SAID]);
    expect(await countOf({ model, messages })).toBe(2095);
    expect(gate.upstream.requests.at(-1)?.body).toEqual({ model, messages: turns([SAID]) });
  });

  test.each(["chat-alone", "does-not-count", "says-no-count"])(
    "counts by itself where the provider does not: %s",
    async (model) => {
      const few = await countOf({ model });
      expect(few).toBeGreaterThanOrEqual(7);
      expect(few).toBeLessThan(40);
      const system = "word ".repeat(1_000);
      const tools = [{ name: "read", description: "word ".repeat(500), input_schema: { type: "object" } }];
      expect((await countOf({ model, system })) - few).toBeGreaterThan(990);
      expect((await countOf({ model, tools })) - few).toBeGreaterThan(490);
    },
  );

  test("counts what the simulated provider reports for the same request", async () => {
    for (const system of [undefined, "Be brief."]) {
      const asked = { model: "simulated", messages, system, max_tokens: 5 };
      const message = await fetch(`${gate.url}/messages`, {
        method: "POST",
        headers: { ...json, "x-api-key": gate.seeded.apiKey },
        body: JSON.stringify(asked),
      });
      expect(await countOf(asked)).toBe((await message.json()).usage.input_tokens);
    }
  });

  test("takes no part in budgets, windows, concurrency or the ledger, 25 at once", async () => {
    await gate.sql`UPDATE api_keys SET rate_limits = ${gate.sql.json({ requests_per_minute: 1, max_concurrent: 1 })}`;
    await leaveBudget(gate, "0");
    const before = await rows();
    for (const model of ["counts", "chat-alone", "simulated"]) {
      const all = await Promise.all(Array.from({ length: 25 }, () => post({ model })));
      expect(all.map(({ status }) => status)).toEqual(Array(25).fill(200));
    }
    expect(await rows()).toBe(before);
    await gate.sql`UPDATE api_keys SET rate_limits = null`;
    await leaveBudget(gate, null);
    const ordinary = await gate.chat({ model: "chat-alone", messages });
    expect(ordinary.status).toBe(200);
  });

  test.each(bothMounts(gate))("needs a key, an allowed model and a body, by %s", async (_, send) => {
    const ask = (path: string, key: string, body: string) =>
      send(path, { method: "POST", headers: { ...json, "x-api-key": key }, body });
    const { apiKey } = gate.seeded;
    const good = JSON.stringify({ model: "counts", messages });
    await gate.sql`UPDATE api_keys SET allowed_models = ${["counts", "chat-alone"]}`;
    for (const path of [PATH, "/messages/count_tokens", "/llm/v1/messages/count_tokens?beta=true"]) {
      for (const [key, body, status, code] of [
        [apiKey, good, 200, null],
        ["tg_live_wrong", good, 401, "invalid_api_key"],
        [apiKey, good.replace("counts", "forbidden"), 403, "model_not_allowed"],
        [apiKey, good.replace("counts", "unknown"), 404, "model_not_found"],
        [apiKey, good.replace("counts", "a\\u0000"), 400, "invalid_request"],
        [apiKey, '{"model":"counts"}', 400, "invalid_request"],
        [apiKey, "{", 400, "invalid_request"],
      ] as const) {
        const answered = await ask(path, key, body);
        expect([answered.status, answered.headers.get("x-tollgate-code")]).toEqual([status, code]);
        if (status >= 400) expect(await answered.json()).toMatchObject({ type: "error" });
      }
    }
    expect((await send(PATH)).status).toBe(405);
    await gate.sql`UPDATE api_keys SET allowed_models = null`;
  });

  test("rejects a revoked key at once", async () => {
    await gate.sql`UPDATE api_keys SET revoked_at = now()`;
    expect((await post({ model: "chat-alone" })).status).toBe(401);
    await gate.sql`UPDATE api_keys SET revoked_at = null`;
  });

  test("serves the official SDK", async () => {
    const client = new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey: gate.seeded.apiKey });
    const counts = await client.messages.countTokens({
      model: "counts",
      messages: [{ role: "user", content: "Hello" }],
    });
    expect(counts.input_tokens).toBe(2095);
  });
});
