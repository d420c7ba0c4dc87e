import { describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { raw } from "#lib/testing/upstream/scenario";

const JSON_TYPE = { "content-type": "application/json" };
const answer = (usage: object | undefined) =>
  JSON.stringify({ object: "list", data: [{ index: 0, embedding: [0.5, -0.5] }], model: "m", usage });
/** $20 a million tokens. */
const rates = { inputPerMtok: "20", outputPerMtok: "0" };

const gate = await testGateway({
  models: ["counted", "uncounted", "total", "input", "fails", "fails-in-event", "empty"].map((name) => ({
    name,
    rates,
    contextWindow: 16,
  })),
  rules: [
    { model: "counted", scenario: raw(200, JSON_TYPE, answer({ prompt_tokens: 8, total_tokens: 8 })) },
    { model: "uncounted", scenario: raw(200, JSON_TYPE, answer(undefined)) },
    { model: "total", scenario: raw(200, JSON_TYPE, answer({ total_tokens: 8 })) },
    { model: "input", scenario: raw(200, JSON_TYPE, answer({ prompt_tokens: 8 })) },
    {
      model: "fails-in-event",
      scenario: raw(200, { "content-type": "text/event-stream" }, 'data: {"error":"overloaded"}\n\n'),
    },
    { model: "fails", scenario: raw(200, JSON_TYPE, '{"error":{"message":"overloaded"}}') },
    {
      model: "empty",
      scenario: raw(200, JSON_TYPE, '{"data":[],"usage":{"prompt_tokens":8,"total_tokens":8}}'),
    },
  ],
});

async function embed(body: object) {
  const response = await gate.post("embeddings", body);
  const answered: unknown = await response.json();
  return { response, body: answered, requestId: response.headers.get("x-request-id") };
}

const setBudget = (usd: string | null) => leaveBudget(gate, usd);

describe("POST /v1/embeddings", () => {
  test("answers what the provider says, and charges the tokens that it reports", async () => {
    const { response, body, requestId } = await embed({ model: "counted", input: "Hello world" });
    expect(response.status).toBe(200);
    expect(JSON.stringify(body)).toBe(answer({ prompt_tokens: 8, total_tokens: 8 }));
    expect(response.headers.get("x-tollgate-cost-usd")).toBe("0.00016");
    expect(await gate.settledRow(requestId)).toMatchObject({
      status: "settled",
      endpoint: "embeddings",
      input_tokens: "8",
      output_tokens: "0",
      usage_source: "provider",
      cost_usd: "0.000160000000",
      stream: false,
    });
  });

  test("sends the provider what the client sent, with nothing added", async () => {
    const input = [[9906, 1917]];
    await embed({ model: "counted", input });
    const sent = gate.upstream.requests.at(-1);
    expect(sent?.path).toBe("/v1/embeddings");
    expect(sent?.rawBody).toBe(JSON.stringify({ model: "counted", input }));
  });

  test("charges an estimate if the provider reports nothing", async () => {
    const { requestId } = await embed({ model: "uncounted", input: ["Hello world", "Hello"] });
    expect(await gate.settledRow(requestId)).toMatchObject({
      input_tokens: "3",
      output_tokens: "0",
      usage_source: "estimated",
    });
  });

  test.each(["total", "input"])("takes a usage of only the %s for the input", async (model) => {
    const { requestId } = await embed({ model, input: "Hello" });
    expect(await gate.settledRow(requestId)).toMatchObject({
      input_tokens: "8",
      output_tokens: "0",
      usage_source: "provider",
    });
  });

  test.each(["fails", "fails-in-event"])(
    "answers an error inside a 200 as one, uncharged: %s",
    async (model) => {
      const { response, requestId } = await embed({ model, input: "Hello" });
      expect(response.status).toBe(503);
      expect(await gate.settledRow(requestId)).toMatchObject({
        status: "released",
        cost_usd: "0.000000000000",
      });
    },
  );

  test("answers an error for an answer without vectors, and charges what it reports", async () => {
    const { response, requestId } = await embed({ model: "empty", input: "Hello" });
    expect(response.status).toBe(502);
    expect(await gate.settledRow(requestId)).toMatchObject({ status: "settled", input_tokens: "8" });
  });

  test("gives each prompt the context window", async () => {
    const prompt = "one two three four five six seven";
    const fits = await embed({ model: "counted", input: Array.from({ length: 50 }, () => prompt) });
    expect(fits.response.status).toBe(200);
    const { response, body } = await embed({ model: "counted", input: `${prompt} `.repeat(20) });
    expect(response.status).toBe(400);
    expect(body).toMatchObject({ error: { code: "context_length_exceeded", param: "input" } });
  });

  test("holds a token for each one that a budget can pay, and rejects what it cannot", async () => {
    await setBudget("0.001");
    const granted = await embed({ model: "counted", input: "Hello world" });
    expect(granted.response.status).toBe(200);
    // A hundred tokens are $0.002.
    const rejected = await embed({ model: "counted", input: Array.from({ length: 100 }, () => [7]) });
    expect(rejected.response.status).toBe(429);
    expect(rejected.body).toMatchObject({ error: { code: "insufficient_quota" } });
    // What a server may read besides is held at the context window.
    const more = { model: "counted", input: ["a", "b", "c", "d", "e"], documents: [{ text: "x" }] };
    expect((await embed(more)).response.status).toBe(429);
    await setBudget(null);
    expect((await embed(more)).response.status).toBe(200);
  });

  test("is also found without /v1 and below /llm", async () => {
    const root = gate.url.replace(/\/v1$/, "");
    for (const path of ["/embeddings", "/llm/v1/embeddings"]) {
      const found = await fetch(root + path, { method: "POST", body: "{}" });
      expect(found.status).toBe(401);
    }
    expect((await fetch(`${gate.url}/embeddings`)).status).toBe(405);
  });
});
