import { describe, expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import {
  expectHeldBound,
  HELLO,
  MESSAGES_TOOLS,
  PICTURE,
  settledRow,
  turnInMessages,
} from "#lib/gateway/testing/weather-turns";
import { fakeResponses, type ResponsesAnswer } from "#lib/translation/testing/responses/server";
import { ENCRYPTED } from "#lib/translation/testing/responses/strict";

const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 30 },
  output_tokens: 40,
  output_tokens_details: { reasoning_tokens: 25 },
  total_tokens: 140,
};
const said = (text: string) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }],
});
const TEXT: ResponsesAnswer = { response: { output: [said("Good morning.")], usage } };
const REASONING = {
  id: "rs_1",
  type: "reasoning",
  summary: [{ type: "summary_text", text: "A tool helps." }],
  encrypted_content: ENCRYPTED,
};
const CALL: ResponsesAnswer = {
  response: {
    output: [
      REASONING,
      {
        id: "fc_1",
        type: "function_call",
        call_id: "call_1",
        name: "get_weather",
        arguments: '{"city":"Paris"}',
      },
    ],
    usage,
  },
};

const upstream = await fakeResponses(() => TEXT);
const { gate, anthropic: client } = await gatewayTo(upstream, {
  name: "gpt",
  upstreamModel: "gpt-5",
  providerType: "openai",
});

const ask = { model: "gpt", max_tokens: 8_000, messages: [HELLO] };
const thinking = { type: "enabled" as const, budget_tokens: 4_000 };
const SETTLED = settledRow("messages", { input: 100, cached: 30, output: 40, reasoning: 25 });
const sent = () => upstream.requests.at(-1)?.body ?? {};

describe("a message by a model of OpenAI's", () => {
  test("is answered whole, and charged by what OpenAI reports", async () => {
    const user = `user_${"x".repeat(100)}`;
    const { data, response } = await client()
      .messages.create({ ...ask, system: "Be kind.", metadata: { user_id: user }, thinking })
      .withResponse();
    expect(data).toMatchObject({
      content: [{ type: "text", text: "Good morning." }],
      stop_reason: "end_turn",
      usage: { input_tokens: 70, cache_read_input_tokens: 30, output_tokens: 40 },
    });
    expect(await gate.rowOf(response)).toMatchObject(SETTLED);
    expect(sent()).toEqual({
      model: "gpt-5",
      store: false,
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "Be kind." }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Hello!" }] },
      ],
      max_output_tokens: 8_000,
      reasoning: { effort: "medium", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("streams its reasoning and a call, and gets both back with the result", async () => {
    upstream.answer = ({ input }) => (Array.isArray(input) && input.length > 1 ? TEXT : CALL);
    const first = await client()
      .messages.stream({ ...ask, tools: MESSAGES_TOOLS, thinking })
      .finalMessage();
    expect(first).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "A tool helps." },
        { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Paris" } },
      ],
    });
    const second = await client().messages.create({
      ...ask,
      tools: MESSAGES_TOOLS,
      thinking,
      messages: turnInMessages(first, [
        { type: "tool_result", tool_use_id: "call_1", content: [PICTURE], is_error: true },
      ]),
    });
    expect(second.content).toMatchObject([{ text: "Good morning." }]);
    expect(sent().input).toEqual([
      { type: "message", role: "user", content: [{ type: "input_text", text: "Hello!" }] },
      REASONING,
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
      {
        type: "function_call_output",
        call_id: "call_1",
        output: [
          { type: "input_text", text: "Error" },
          { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=", detail: "auto" },
        ],
      },
    ]);
  });

  test("is held to the bound that fits the budget, which OpenAI gets", async () => {
    const asked = () => gate.post("messages", ask);
    await expectHeldBound(gate, asked, () => sent().max_output_tokens);
  });

  test("goes by chat where responses cannot say it", async () => {
    await gate.sql`UPDATE model_targets SET upstream_model = 'gpt-4o'`;
    await gate.gateway.routing({ fresh: true });
    const stopped = await client().messages.create({ ...ask, stop_sequences: ["END"] });
    expect(stopped.content).toMatchObject([{ text: "By chat." }]);
    expect(upstream.requests.at(-1)).toMatchObject({ path: "/v1/chat/completions", body: { stop: ["END"] } });
    const short = await client().messages.create({ ...ask, max_tokens: 1 });
    expect(short.content).toMatchObject([{ text: "By chat." }]);
    expect(upstream.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 1 });
    const tried = upstream.requests.length;
    upstream.answer = () => ({ ...TEXT, error: { status: 500, message: "Broken." } });
    await expect(client().messages.create(ask)).rejects.toMatchObject({ status: 502 });
    // Chat is no other target.
    expect(upstream.requests.length).toBe(tried + 1);
    await gate.sql`UPDATE model_targets SET upstream_model = 'gpt-5'`;
    await gate.gateway.routing({ fresh: true });
    await expect(client().messages.create({ ...ask, stop_sequences: ["END"] })).rejects.toMatchObject({
      status: 400,
    });
  });

  test.each([
    ["max_output_tokens", "max_tokens"],
    ["content_filter", "refusal"],
  ])("that is incomplete for %s stops for %s", async (reason, stopReason) => {
    upstream.answer = () => ({
      response: { ...TEXT.response, status: "incomplete", incomplete_details: { reason } },
    });
    expect(await client().messages.create(ask)).toMatchObject({ stop_reason: stopReason });
    expect(await client().messages.stream(ask).finalMessage()).toMatchObject({ stop_reason: stopReason });
  });
});
