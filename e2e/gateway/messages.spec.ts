import Anthropic from "@anthropic-ai/sdk";
import { expect, settledRow, test } from "../fixtures";

const client = (gate: { url: string; seeded: { apiKey: string } }) =>
  new Anthropic({ baseURL: gate.url, apiKey: gate.seeded.apiKey, maxRetries: 0 });
const asked = { max_tokens: 300, messages: [{ role: "user" as const, content: "Hello!" }] };

test("the SDK gets a whole message, and the ledger has its exact cost", async ({ gate }) => {
  const { data, response } = await client(gate)
    .messages.create({ model: gate.model("simulated"), ...asked })
    .withResponse();
  expect(data.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/./) });
  const row = await settledRow(gate, response.headers.get("x-request-id"));
  expect(row).toMatchObject({ status: "settled", endpoint: "messages", usage_source: "provider" });
  const { input_tokens: input, output_tokens: output } = data.usage;
  expect([row.input_tokens, row.output_tokens]).toEqual([String(input), String(output)]);
  // $0.15 and $0.60 per million
  expect(Number(row.cost_usd)).toBeCloseTo((input * 0.15 + output * 0.6) / 1e6, 12);
});

test("the SDK streams a message, and the row is settled when it ends", async ({ gate }) => {
  const stream = client(gate).messages.stream({ model: gate.model("simulated"), ...asked });
  let text = "";
  stream.on("text", (delta) => {
    text += delta;
  });
  const message = await stream.finalMessage();
  expect(text).toBeTruthy();
  expect(message.content[0]).toMatchObject({ type: "text", text });
  const id = stream.response?.headers.get("x-request-id") ?? null;
  const [row] = await gate.sql`SELECT status FROM ledger WHERE id = ${id}`;
  expect(row?.status).toBe("settled");
});

test("every path of the endpoint answers in Anthropic's form, with or without a query", async ({ gate }) => {
  for (const path of ["/v1/messages?beta=true", "/messages", "/llm/v1/messages"]) {
    const send = (key: string) =>
      fetch(gate.url + path, {
        method: "POST",
        headers: { "x-api-key": key, "content-type": "application/json" },
        body: JSON.stringify({ model: gate.model("simulated"), ...asked }),
      });
    expect((await send(gate.seeded.apiKey)).status, path).toBe(200);
    const rejected = await send("tg_live_wrong");
    expect(rejected.status, path).toBe(401);
    expect(rejected.headers.get("x-should-retry")).toBe("false");
    expect(await rejected.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
  }
});

test("what a provider would run is rejected before anything is held", async ({ gate }) => {
  const create = client(gate).messages.create({
    model: gate.model("simulated"),
    ...asked,
    tools: [{ type: "web_search_20250305", name: "web_search" }],
  });
  await expect(create).rejects.toMatchObject({
    status: 400,
    error: { error: { type: "invalid_request_error" } },
  });
});
