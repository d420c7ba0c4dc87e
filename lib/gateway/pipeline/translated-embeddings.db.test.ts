import { randomBytes } from "node:crypto";
import OpenAI from "openai";
import { beforeEach, describe, expect, test } from "vitest";
import { becomes, type StoredProvider } from "#lib/gateway/testing/move-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { connections } from "#lib/providers/testing/exchange-harness";
import { REGION } from "#lib/providers/testing/fake-bedrock";
import { serveGoogleTokens, VERTEX } from "#lib/providers/testing/fake-vertex";
import { redirected } from "#lib/providers/testing/token-host";
import { fakeEmbeddings, vectorOf } from "#lib/translation/testing/embeddings-server";

/** By model: how many texts a request may have, and whether the length of its vectors can be chosen. */
const MODELS = {
  "gemini-embedding-001": { type: "google", batch: 100, hasDimensions: true },
  "text-embedding-005": { type: "vertex", batch: 250, hasDimensions: true },
  "vertex-gemini-embedding-001": { type: "vertex", batch: 1, hasDimensions: true },
  "gemini-embedding-2": { type: "vertex", batch: 1, hasDimensions: true },
  "amazon.titan-embed-text-v2:0": { type: "bedrock", batch: 1, hasDimensions: true },
  "amazon.titan-embed-text-v1": { type: "bedrock", batch: 1, hasDimensions: false },
  "cohere.embed-multilingual-v3": { type: "bedrock", batch: 96, hasDimensions: false },
  "us.cohere.embed-v4:0": { type: "bedrock", batch: 96, hasDimensions: true },
} as const;
type ModelName = keyof typeof MODELS;

const encryptionKey = randomBytes(32).toString("base64");
const upstream = await fakeEmbeddings();
const gate = await testGateway({
  models: Object.keys(MODELS).map((name) => ({
    name,
    upstreamModel: name.replace(/^vertex-/, ""),
    rates: MICRODOLLAR_RATES,
    contextWindow: 2_000,
  })),
  encryptionKey,
});
const client = () => new OpenAI({ baseURL: gate.url, apiKey: gate.seeded.apiKey, maxRetries: 0 });

/** Makes the provider one of the type that serves the model. */
async function serveBy(type: string): Promise<void> {
  const google = await serveGoogleTokens();
  const over = redirected(connections(), "https://oauth2.googleapis.com", google.tokens.url);
  const stored: Record<string, Omit<StoredProvider, "type" | "baseUrl">> = {
    google: { credentials: { api_key: "AIza-key" } },
    vertex: { credentials: { service_account: google.account }, settings: VERTEX },
    bedrock: { credentials: upstream.keys, settings: { region: REGION } },
  };
  const { credentials = {}, settings } = stored[type] ?? {};
  await becomes(gate, encryptionKey, { type, baseUrl: upstream.url, credentials, settings }, over);
}

beforeEach(async () => {
  await leaveBudget(gate, null);
  upstream.requests.length = 0;
  upstream.failsAt = null;
  upstream.dimensions = 3;
  upstream.isCounted = true;
});

describe.each(Object.keys(MODELS) as ModelName[])("vectors by %s", (model) => {
  const { type, batch, hasDimensions } = MODELS[model];
  beforeEach(() => serveBy(type));

  test("have OpenAI's form in both encodings, and are charged by the tokens that are reported", async () => {
    const input = ["Hello", "Hello world"];
    const decoded = await client().embeddings.create({ model, input }).withResponse();
    const plain = await client().embeddings.create({ model, input: "Hi", encoding_format: "float" });
    expect(decoded.data).toEqual({
      object: "list",
      model,
      data: input.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) })),
      usage: { prompt_tokens: 16, total_tokens: 16 },
    });
    expect(plain.data[0]?.embedding).toEqual(vectorOf("Hi"));
    expect(await gate.rowOf(decoded.response)).toMatchObject({
      status: "settled",
      endpoint: "embeddings",
      input_tokens: "16",
      output_tokens: "0",
      usage_source: "provider",
      cost_usd: "0.000016000000",
    });
    expect(upstream.requests).toHaveLength(batch === 1 ? 3 : 2);
  });

  test("have the length that is asked for, or the request is refused", async () => {
    const asked = client().embeddings.create({ model, input: "Hi", dimensions: 256 });
    if (hasDimensions) expect((await asked).data[0]?.embedding).toEqual(vectorOf("Hi", 256));
    else await expect(asked).rejects.toMatchObject({ status: 400, param: "dimensions" });
  });

  test("of many texts are in their order, in as many requests as it takes", async () => {
    const input = Array.from({ length: batch === 1 ? 5 : batch + 5 }, (_, at) => "x".repeat((at % 40) + 1));
    const { data } = await client().embeddings.create({ model, input });
    expect(data.map(({ embedding }) => embedding)).toEqual(input.map((text) => vectorOf(text)));
    expect(upstream.requests).toHaveLength(batch === 1 ? 5 : 2);
  });

  test("are held under a hard budget, of all texts at once, and none is sent that it cannot pay", async () => {
    await leaveBudget(gate, "0.0005");
    const granted = await gate.post("embeddings", { model, input: ["Hello", "world"] });
    expect(granted.status).toBe(200);
    expect(await gate.rowOf(granted)).toMatchObject({
      cost_usd: "0.000010000000",
      overrun_usd: "0.000000000000",
    });
    upstream.requests.length = 0;
    const rejected = await gate.post("embeddings", {
      model,
      input: Array.from({ length: 100 }, () => "Hello world"),
    });
    expect(rejected.status).toBe(429);
    expect(await rejected.json()).toMatchObject({ error: { code: "insufficient_quota" } });
    expect(upstream.requests).toEqual([]);
  });
});

describe("a request for vectors", () => {
  test("that fails after its first part is charged for what was reported before", async () => {
    await serveBy("bedrock");
    upstream.failsAt = 3;
    const failed = await gate.post("embeddings", {
      model: "amazon.titan-embed-text-v2:0",
      input: ["Hello", "Hello", "Hello"],
    });
    expect(failed.status).toBe(429);
    expect(await gate.rowOf(failed)).toMatchObject({ status: "settled", input_tokens: "10" });
  });

  test.each([
    ["as its vectors are, where they have no report", false, 2],
    ["for the part that has a report", true, 2],
  ])("that fails after a part of it was made is charged %s", async (_, isCounted, failsAt) => {
    await serveBy("google");
    Object.assign(upstream, { isCounted, failsAt });
    const input = Array.from({ length: 150 }, () => "word ".repeat(20));
    const failed = await gate.post("embeddings", { model: "gemini-embedding-001", input });
    expect(failed.status).toBe(429);
    const row = await gate.rowOf(failed);
    expect(row).toMatchObject({
      status: "settled",
      usage_source: isCounted ? "provider" : "estimated",
      output_tokens: "0",
    });
    // 100 of the 150 texts, of 20 tokens and more each; the fake counts characters.
    const [least, most] = isCounted ? [10_000, 10_000] : [2_000, 3_000];
    expect(Number(row.input_tokens)).toBeGreaterThanOrEqual(least);
    expect(Number(row.input_tokens)).toBeLessThanOrEqual(most);
  });

  test("gets vectors of 3,072 numbers for as many texts as a request of the provider takes", async () => {
    await serveBy("google");
    upstream.dimensions = 3_072;
    const input = Array.from({ length: 100 }, () => "Hi");
    const { data } = await client().embeddings.create({ model: "gemini-embedding-001", input });
    expect(data).toHaveLength(100);
    expect(data.at(-1)?.embedding).toHaveLength(3_072);
  });

  test("of which the answer has no vectors is charged an estimate of all that was asked", async () => {
    await serveBy("google");
    Object.assign(upstream, { isCounted: false, dimensions: 0 });
    const failed = await gate.post("embeddings", {
      model: "gemini-embedding-001",
      input: "word ".repeat(20),
    });
    expect(failed.status).toBe(502);
    const row = await gate.rowOf(failed);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeGreaterThan(19);
  });

  test("of more texts than OpenAI takes is refused before it costs anything", async () => {
    await serveBy("bedrock");
    const input = Array.from({ length: 2_049 }, () => "a");
    const refused = await gate.post("embeddings", { model: "amazon.titan-embed-text-v2:0", input });
    expect(refused.status).toBe(400);
    expect(upstream.requests).toEqual([]);
  });

  test("without a report is charged an estimate", async () => {
    await serveBy("google");
    upstream.isCounted = false;
    const answered = await gate.post("embeddings", { model: "gemini-embedding-001", input: "Hello world" });
    expect(await answered.json()).toMatchObject({ usage: { prompt_tokens: expect.any(Number) } });
    const row = await gate.rowOf(answered);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeGreaterThan(0);
  });

  test("names what is left out, and is refused for what cannot be said", async () => {
    await serveBy("bedrock");
    const model = "us.cohere.embed-v4:0";
    const answered = await gate.post("embeddings", {
      model,
      input: "Hi",
      user: "u1",
      input_type: "search_query",
    });
    expect(answered.headers.get("x-tollgate-dropped")).toBe("user");
    expect(upstream.requests.at(-1)?.body).toMatchObject({ input_type: "search_query" });
    for (const [fields, param] of [
      [{ input: [[1, 2]] }, "input"],
      [{ input: "Hi", encoding_format: "int8" }, "encoding_format"],
    ] as const) {
      const refused = await gate.post("embeddings", { model, ...fields });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { code: "unsupported_parameter", param } });
    }
  });

  test("to a model that only talks is a 404, and talking to one that makes vectors, too", async () => {
    await serveBy("bedrock");
    const messages = [{ role: "user", content: "Hi" }];
    expect((await gate.chat({ model: "us.cohere.embed-v4:0", messages })).status).toBe(404);
  });
});
