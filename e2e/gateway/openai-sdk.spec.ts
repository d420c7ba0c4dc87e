import OpenAI from "openai";
import { expect, settledRow, test } from "../fixtures";

const messages = [{ role: "user" as const, content: "Hello!" }];
const client = (gate: { v1: string; seeded: { apiKey: string } }) =>
  new OpenAI({ baseURL: gate.v1, apiKey: gate.seeded.apiKey, maxRetries: 0 });

test("the SDK gets a whole answer, and the ledger has its exact cost", async ({ gate }) => {
  const { data, response } = await client(gate)
    .chat.completions.create({ model: gate.model("usage-cached-reasoning"), messages })
    .withResponse();
  expect(data.choices[0]?.message.content).toBeTruthy();
  // 86 × $0.15 + 1920 × $0.15 + 300 × $0.60, per million
  expect(response.headers.get("x-tollgate-cost-usd")).toBe("0.0004809");
  const row = await settledRow(gate, response.headers.get("x-request-id"));
  expect(row).toMatchObject({ status: "settled", cost_usd: "0.000480900000", usage_source: "provider" });
});

test("the SDK streams, and the row is settled when the stream ends", async ({ gate }) => {
  const { data: stream, response } = await client(gate)
    .chat.completions.create({ model: gate.model("stream-100"), messages, stream: true })
    .withResponse();
  let chunks = 0;
  for await (const chunk of stream) {
    expect(chunk.usage ?? null).toBeNull();
    if (chunk.choices[0]?.delta.content) chunks += 1;
  }
  expect(chunks).toBe(100);
  const [row] =
    await gate.sql`SELECT status, usage_source FROM ledger WHERE id = ${response.headers.get("x-request-id")}`;
  expect(row).toEqual({ status: "settled", usage_source: "provider" });
});

test("the SDK gets the usage chunk when it asks for it", async ({ gate }) => {
  const stream = await client(gate).chat.completions.create({
    model: gate.model("instant"),
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const usages = [];
  for await (const chunk of stream) if (chunk.usage) usages.push(chunk.usage);
  expect(usages).toHaveLength(1);
});

test("the SDK raises the provider's error inside a 200 stream as an error", async ({ gate }) => {
  const stream = await client(gate).chat.completions.create({
    model: gate.model("error-event"),
    messages,
    stream: true,
  });
  const read = async () => {
    for await (const _ of stream);
  };
  await expect(read()).rejects.toThrow(OpenAI.APIError);
});

test("the SDK raises its own error classes for rejections", async ({ gate }) => {
  const create = (model: string, apiKey = gate.seeded.apiKey) =>
    new OpenAI({ baseURL: gate.v1, apiKey, maxRetries: 0 }).chat.completions.create({ model, messages });
  await expect(create(gate.model("instant"), "tg_live_wrong")).rejects.toThrow(OpenAI.AuthenticationError);
  await expect(create("no-such-model")).rejects.toThrow(OpenAI.NotFoundError);
  await expect(create(gate.model("status-429"))).rejects.toThrow(OpenAI.RateLimitError);
  await expect(create(gate.model("status-400"))).rejects.toThrow(OpenAI.BadRequestError);
  await expect(create(gate.model("status-500"))).rejects.toThrow(OpenAI.InternalServerError);
});

test("the SDK gets embeddings as numbers, and the ledger has their exact cost", async ({ gate }) => {
  const input = ["Hello world", "Hello"];
  const { data, response } = await client(gate)
    .embeddings.create({ model: gate.model("instant"), input, dimensions: 8 })
    .withResponse();
  expect(data.data.map(({ embedding }) => embedding)).toEqual([
    [0.5, -0.5],
    [0.25, -0.25],
  ]);
  const row = await settledRow(gate, response.headers.get("x-request-id"));
  expect(row).toMatchObject({ endpoint: "embeddings", input_tokens: "3", usage_source: "provider" });
  // 3 × $0.15 per million
  expect(response.headers.get("x-tollgate-cost-usd")).toBe("0.00000045");
});

test("the SDK lists and retrieves models", async ({ gate }) => {
  const names = [];
  for await (const model of await client(gate).models.list()) names.push(model.id);
  expect(names).toContain(gate.model("instant"));
  const model = await client(gate).models.retrieve(gate.model("instant"));
  expect(model).toMatchObject({ id: gate.model("instant"), object: "model" });
});

test("an SDK that stops reading ends the call to the provider", async ({ gate }) => {
  const { data: stream, response } = await client(gate)
    .chat.completions.create({ model: gate.model("endless"), messages, stream: true })
    .withResponse();
  let chunks = 0;
  for await (const _ of stream) if (++chunks === 5) break;
  await expect.poll(() => gate.upstream.requests.at(-1)?.ending).toBe("client_gone");
  const row = await settledRow(gate, response.headers.get("x-request-id"));
  expect(row).toMatchObject({ status: "settled", http_status: 499, usage_source: "estimated" });
  expect(Number(row.output_tokens)).toBeGreaterThan(0);
});

test("a client that disconnects before the answer begins ends the call, too", async ({ gate }) => {
  const gone = new AbortController();
  const pending = client(gate).chat.completions.create(
    { model: gate.model("stall-before-head"), messages },
    { signal: gone.signal },
  );
  const seen = () => gate.upstream.requests.find((request) => request.rawBody.includes("stall-before-head"));
  await expect.poll(seen).toBeDefined();
  gone.abort();
  await expect(pending).rejects.toThrow(OpenAI.APIUserAbortError);
  await expect.poll(() => seen()?.ending).toBe("client_gone");
});
