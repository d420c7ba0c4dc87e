import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { ASKS_TWO_SEARCHES, TYPES_OF_TWO_SEARCHES } from "#lib/providers/testing/ask-simulated";

const gate = await testGateway({
  models: [
    {
      name: "demo",
      providerType: "simulated",
      rates: { ...MICRODOLLAR_RATES, webSearchPerCall: "0.01" },
      contextWindow: 10_000,
    },
  ],
});
await leaveBudget(gate, 10);
const content = ASKS_TWO_SEARCHES;

test("a search reaches Anthropic's client, streamed, and its row", async () => {
  const client = new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey: gate.seeded.apiKey });
  const { data, response } = await client.messages
    .stream({
      model: "demo",
      max_tokens: 200,
      messages: [{ role: "user", content }],
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
    })
    .withResponse()
    .then(async ({ data: stream, response }) => ({ data: await stream.finalMessage(), response }));
  expect(data.content.map(({ type }) => type)).toEqual(TYPES_OF_TWO_SEARCHES);
  expect(data.usage.server_tool_use).toMatchObject({ web_search_requests: 2 });
  const row = await gate.rowOf(response);
  expect(row).toMatchObject({ meters: { web_searches: 2 }, usage_source: "provider" });
  const tokens = data.usage.input_tokens + data.usage.output_tokens;
  expect(Number(row.cost_usd)).toBeCloseTo(tokens / 1e6 + 0.02, 12);
  // The next turn returns what was found.
  const next = await client.messages.create({
    model: "demo",
    max_tokens: 20,
    messages: [
      { role: "user", content },
      { role: "assistant", content: data.content },
      { role: "user", content: "Go on." },
    ],
  });
  expect(next.stop_reason).toBe("max_tokens");
});

test("a search reaches OpenAI's client, streamed, and its row", async () => {
  const client = new OpenAI({ baseURL: gate.url, apiKey: gate.seeded.apiKey });
  const { data: events, response } = await client.responses
    .create({ model: "demo", input: content, tools: [{ type: "web_search" }], stream: true })
    .withResponse();
  const types: string[] = [];
  const output: (OpenAI.Responses.ResponseFunctionWebSearch | OpenAI.Responses.ResponseOutputMessage)[] = [];
  for await (const event of events) {
    types.push(event.type);
    if (event.type !== "response.output_item.done") continue;
    if (event.item.type === "web_search_call" || event.item.type === "message") output.push(event.item);
  }
  expect(types).toContain("response.web_search_call.completed");
  expect(output.map(({ type }) => type)).toEqual(["web_search_call", "web_search_call", "message"]);
  expect(await gate.rowOf(response)).toMatchObject({ meters: { web_searches: 2 } });
  const next = await client.responses.create({
    model: "demo",
    input: [{ role: "user", content }, ...output, { role: "user", content: "Go on." }],
  });
  expect(next.status).toBe("completed");
});
