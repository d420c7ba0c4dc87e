import type OpenAI from "openai";
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
const { gate, openAi, anthropic } = await gatewayTo(upstream, {
  name: "deep",
  upstreamModel: "deepseek-chat",
  providerType: "openai-compatible",
});

const ask = { model: "deep", max_tokens: 8_000, messages: [HELLO] };
const COUNTS = { input: 100, cached: 30, output: 40, reasoning: 25 };
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
    expect(await gate.rowOf(response)).toMatchObject(settledRow("messages", COUNTS));
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
    const stream = anthropic().messages.stream({ ...ask, tools: MESSAGES_TOOLS });
    const first = await stream.finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content).toMatchObject([
      { type: "thinking", thinking: "Two cities." },
      { type: "text", text: "Let me look." },
      { type: "tool_use", id: "call_1", input: { city: "Paris" } },
      { type: "tool_use", id: "call_2", input: { city: "Rome" } },
    ]);
    expect(sent()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    const second = await anthropic().messages.create({
      ...ask,
      tools: MESSAGES_TOOLS,
      messages: turnInMessages(first, [
        { type: "tool_result", tool_use_id: "call_1", content: [PICTURE] },
        { type: "tool_result", tool_use_id: "call_2", content: "No.", is_error: true },
        { type: "text", text: "Go on." },
      ]),
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
          { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
          { type: "text", text: "Go on." },
        ],
      },
    ]);
  });

  test("is held to the bound that fits the budget, which the server gets", async () => {
    const asked = () => gate.post("messages", ask);
    await expectHeldBound(gate, asked, () => sent().max_tokens);
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
    expect(await gate.rowOf(response)).toMatchObject(settledRow("responses", COUNTS));
    expect(sent().messages).toMatchObject([
      {},
      { reasoning_content: "Patch it.", content: null, tool_calls: [patch] },
      { role: "tool", content: "done" },
    ]);
  });
});
