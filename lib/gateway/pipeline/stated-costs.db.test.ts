import { describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { raw } from "#lib/testing/upstream/scenario";

const rates = { inputPerMtok: "1", outputPerMtok: "1" };
const chatUsage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const responseUsage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
const json = (body: object) => raw(200, { "content-type": "application/json" }, JSON.stringify(body));
const events = (...payloads: unknown[]) =>
  raw(
    200,
    { "content-type": "text/event-stream" },
    payloads
      .map(
        (payload) => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}

`,
      )
      .join(""),
  );
const chunk = (fields: object) => ({ object: "chat.completion.chunk", choices: [], ...fields });
const said = chunk({ choices: [{ index: 0, delta: { content: "Hello" }, finish_reason: "stop" }] });
const whole = { choices: [{ index: 0, message: { content: "Hello" }, finish_reason: "stop" }] };
const response = (fields: object) => ({
  object: "response",
  output: [],
  usage: { ...responseUsage, ...fields },
});

const SCENARIOS = {
  "chat-whole": json({ ...whole, usage: { ...chatUsage, cost: 0.0000162 } }),
  "chat-stream": events(said, chunk({ usage: { ...chatUsage, cost: 0.0000162 } }), "[DONE]"),
  "chat-after-done": events(said, "[DONE]", chunk({ usage: { ...chatUsage, cost: 0.0000162 } })),
  "chat-streamed-though-whole": events(said, chunk({ usage: { ...chatUsage, cost: 0.0000162 } }), "[DONE]"),
  "chat-silent": json({ ...whole, usage: chatUsage }),
  "responses-whole": json(response({ cost_in_usd_ticks: 162_000 })),
  "responses-stream": events({
    type: "response.completed",
    response: response({ cost_in_usd_ticks: 162_000 }),
  }),
  embeddings: json({
    data: [{ embedding: [0.5] }],
    usage: { prompt_tokens: 15, cost: { total_cost: 0.0000162 } },
  }),
};

const gate = await testGateway({
  models: Object.keys(SCENARIOS).map((name) => ({ name, rates, providerType: "openai" })),
  rules: Object.entries(SCENARIOS).map(([model, scenario]) => ({ model, scenario })),
});

async function rowOf(model: keyof typeof SCENARIOS, more: object = {}) {
  const [kind = ""] = model.split("-");
  const path = kind === "chat" ? "chat/completions" : kind;
  const input = kind === "chat" ? { messages: [{ role: "user", content: "Hi" }] } : { input: "Hi" };
  const answered = await gate.post(path, { model, ...input, ...more });
  await answered.text();
  expect(answered.status).toBe(200);
  return { row: await gate.rowOf(answered), dropped: answered.headers.get("x-tollgate-dropped") };
}

describe("a provider's own cost", () => {
  test.each<[keyof typeof SCENARIOS, object]>([
    ["chat-whole", {}],
    ["chat-stream", { stream: true }],
    ["chat-after-done", { stream: true }],
    ["chat-streamed-though-whole", {}],
    ["chat-whole", { stream: true }],
    ["responses-whole", {}],
    ["responses-stream", { stream: true }],
    ["embeddings", {}],
  ])("is kept beside ours, which it does not change: %s %j", async (model, more) => {
    expect((await rowOf(model, more)).row).toMatchObject({
      cost_usd: "0.000015000000",
      provider_cost_usd: "0.000016200000",
      usage_source: "provider",
    });
  });

  test("is unknown if the provider does not say it", async () => {
    expect((await rowOf("chat-silent")).row).toMatchObject({ provider_cost_usd: null, dropped: [] });
  });
});

test("a row keeps what its request left out", async () => {
  const tools = [{ type: "function", name: "run", parameters: {} }, { type: "web_search" }];
  const { row, dropped } = await rowOf("responses-whole", { tools });
  expect(dropped).toBe("tools[1]");
  expect(row).toMatchObject({ dropped: ["tools[1]"] });
});
