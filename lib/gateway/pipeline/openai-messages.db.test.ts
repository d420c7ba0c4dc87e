import type Anthropic from "@anthropic-ai/sdk";
import { beforeEach, describe, expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
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
const CALL: ResponsesAnswer = {
  response: {
    output: [
      {
        id: "rs_1",
        type: "reasoning",
        summary: [{ type: "summary_text", text: "A tool helps." }],
        encrypted_content: ENCRYPTED,
      },
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
const { gate, anthropic: client } = await gatewayTo(upstream.url, {
  name: "gpt",
  upstreamModel: "gpt-5",
  providerType: "openai",
});
beforeEach(() => {
  upstream.answer = () => TEXT;
});

const ask = { model: "gpt", max_tokens: 8_000, messages: [{ role: "user" as const, content: "Hello!" }] };
const tools: Anthropic.Tool[] = [{ name: "get_weather", input_schema: { type: "object", properties: {} } }];
const thinking = { type: "enabled" as const, budget_tokens: 4_000 };
const SETTLED = {
  status: "settled",
  endpoint: "messages",
  input_tokens: "100",
  cached_tokens: "30",
  output_tokens: "40",
  reasoning_tokens: "25",
  usage_source: "provider",
  cost_usd: "0.000140000000",
};
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
      .messages.stream({ ...ask, tools, thinking })
      .finalMessage();
    expect(first).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "A tool helps." },
        { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Paris" } },
      ],
    });
    const image = { type: "base64" as const, media_type: "image/png" as const, data: "AAAA" };
    const content = [{ type: "image" as const, source: image }];
    const second = await client().messages.create({
      ...ask,
      tools,
      thinking,
      messages: [
        ...ask.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content, is_error: true }] },
      ],
    });
    expect(second.content).toMatchObject([{ text: "Good morning." }]);
    expect(sent().input).toEqual([
      { type: "message", role: "user", content: [{ type: "input_text", text: "Hello!" }] },
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "A tool helps." }],
        encrypted_content: ENCRYPTED,
      },
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
      {
        type: "function_call_output",
        call_id: "call_1",
        output: [
          { type: "input_text", text: "Error" },
          { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
        ],
      },
    ]);
  });

  test("is held to the bound that fits the budget, which OpenAI gets", async () => {
    await leaveBudget(gate, "0.001");
    const { response } = await client().messages.create(ask).withResponse();
    const bound = Number(response.headers.get("x-tollgate-max-tokens"));
    expect(bound).toBeLessThan(1_000);
    expect(sent()).toMatchObject({ max_output_tokens: bound });
    await leaveBudget(gate, null);
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
