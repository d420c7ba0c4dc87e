import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { beforeEach, describe, expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { type ChatAnswer, fakeChat } from "#lib/translation/testing/chat/server";

const usage = {
  prompt_tokens: 100,
  completion_tokens: 40,
  total_tokens: 140,
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 25 },
};
const TEXT: ChatAnswer = { message: { content: "Good morning." }, usage };
const weather = (id: string, city: string) => ({
  id,
  type: "function",
  function: { name: "get_weather", arguments: JSON.stringify({ city }) },
});
const CALLS: ChatAnswer = {
  message: {
    reasoning_content: "Two cities.",
    content: "Let me look.",
    tool_calls: [weather("call_1", "Paris"), weather("call_2", "Rome")],
  },
  finishReason: "tool_calls",
  usage,
};

const upstream = await fakeChat(() => TEXT);
const { gate, openAi, anthropic } = await gatewayTo(upstream.url, {
  name: "deep",
  upstreamModel: "deepseek-chat",
  providerType: "openai-compatible",
});
beforeEach(() => {
  upstream.answer = () => TEXT;
});

const ask = { model: "deep", max_tokens: 8_000, messages: [{ role: "user" as const, content: "Hello!" }] };
const TOOLS: Anthropic.Tool[] = [
  { name: "get_weather", input_schema: { type: "object", properties: { city: { type: "string" } } } },
];
const SETTLED = {
  status: "settled",
  input_tokens: "100",
  cached_tokens: "30",
  output_tokens: "40",
  reasoning_tokens: "25",
  usage_source: "provider",
  cost_usd: "0.000140000000",
};
const sent = () => upstream.requests.at(-1) ?? {};

describe("a message by a server of chat completions", () => {
  test("is answered whole, and charged by what the server reports", async () => {
    const { data, response } = await anthropic()
      .messages.create({
        ...ask,
        system: [{ type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } }],
        stop_sequences: ["END"],
      })
      .withResponse();
    expect(data).toMatchObject({
      type: "message",
      model: "deep",
      content: [{ type: "text", text: "Good morning." }],
      stop_reason: "end_turn",
      usage: { input_tokens: 70, cache_read_input_tokens: 30, output_tokens: 40 },
    });
    expect(await gate.rowOf(response)).toMatchObject({ ...SETTLED, endpoint: "messages" });
    expect(sent()).toEqual({
      model: "deepseek-chat",
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Hello!" },
      ],
      max_tokens: 8_000,
      stop: ["END"],
    });
    expect(response.headers.get("x-tollgate-dropped")).toBe("system[0].cache_control");
  });

  test("streams thoughts, text and parallel calls, and gets the thoughts back with the results", async () => {
    upstream.answer = ({ messages }) => (Array.isArray(messages) && messages.length > 1 ? TEXT : CALLS);
    const stream = anthropic().messages.stream({ ...ask, tools: TOOLS });
    const first = await stream.finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content).toMatchObject([
      { type: "thinking", thinking: "Two cities." },
      { type: "text", text: "Let me look." },
      { type: "tool_use", id: "call_1", input: { city: "Paris" } },
      { type: "tool_use", id: "call_2", input: { city: "Rome" } },
    ]);
    expect(sent()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    const png = { type: "base64" as const, media_type: "image/png" as const, data: "AAAA" };
    const second = await anthropic().messages.create({
      ...ask,
      tools: TOOLS,
      messages: [
        ...ask.messages,
        { role: "assistant", content: first.content },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_1", content: [{ type: "image", source: png }] },
            { type: "tool_result", tool_use_id: "call_2", content: "No.", is_error: true },
            { type: "text", text: "Go on." },
          ],
        },
      ],
    });
    expect(second.content).toMatchObject([{ text: "Good morning." }]);
    expect(sent().messages).toEqual([
      { role: "user", content: "Hello!" },
      {
        role: "assistant",
        content: "Let me look.",
        reasoning_content: "Two cities.",
        tool_calls: [weather("call_1", "Paris"), weather("call_2", "Rome")],
      },
      { role: "tool", tool_call_id: "call_1", content: "" },
      { role: "tool", tool_call_id: "call_2", content: "Error: No." },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "text", text: "Go on." },
        ],
      },
    ]);
  });

  test("is held to the bound that fits the budget, which the server gets", async () => {
    await leaveBudget(gate, "0.001");
    const { response } = await anthropic().messages.create(ask).withResponse();
    const bound = Number(response.headers.get("x-tollgate-max-tokens"));
    expect(bound).toBeLessThan(1_000);
    expect(sent()).toMatchObject({ max_tokens: bound });
    await leaveBudget(gate, null);
  });

  test("says in Anthropic's form what the server says is wrong, and when", async () => {
    upstream.answer = () => ({ ...TEXT, error: { status: 400, message: "Odd." } });
    await expect(anthropic().messages.create(ask)).rejects.toMatchObject({
      status: 400,
      error: { type: "error", error: { type: "invalid_request_error", message: "Odd." } },
    });
    upstream.answer = () => ({ ...TEXT, error: { status: 503, message: "Overloaded" }, isLate: true });
    await expect(anthropic().messages.stream(ask).finalMessage()).rejects.toThrow(/Overloaded/);
    upstream.answer = () => ({ ...TEXT, isCut: true });
    await expect(anthropic().messages.stream(ask).finalMessage()).rejects.toThrow();
  });
});

describe("a response by a server of chat completions", () => {
  test("thinks, calls a custom tool with its text, and goes on with the result", async () => {
    const patch = {
      id: "call_1",
      type: "function",
      function: { name: "apply_patch", arguments: '{"input":"*** x"}' },
    };
    upstream.answer = ({ messages }) =>
      Array.isArray(messages) && messages.length > 1
        ? TEXT
        : {
            message: { reasoning_content: "Patch it.", tool_calls: [patch] },
            finishReason: "tool_calls",
            usage,
          };
    const tools: OpenAI.Responses.Tool[] = [{ type: "custom", name: "apply_patch", description: "Patches." }];
    const first = await openAi().responses.stream({ model: "deep", input: "Hello!", tools }).finalResponse();
    const calls = first.output.flatMap((item) => (item.type === "custom_tool_call" ? [item] : []));
    const thoughts = first.output.flatMap((item) => (item.type === "reasoning" ? [item] : []));
    expect(calls).toMatchObject([{ call_id: "call_1", input: "*** x" }]);
    const { data, response } = await openAi()
      .responses.create({
        model: "deep",
        tools,
        input: [
          { role: "user", content: "Hello!" },
          ...thoughts,
          ...calls,
          { type: "custom_tool_call_output", call_id: "call_1", output: "done" },
        ],
      })
      .withResponse();
    expect(data.output_text).toBe("Good morning.");
    expect(await gate.rowOf(response)).toMatchObject({ ...SETTLED, endpoint: "responses" });
    expect(sent().messages).toMatchObject([
      {},
      { reasoning_content: "Patch it.", content: null, tool_calls: [patch] },
      { role: "tool", content: "done" },
    ]);
  });
});
