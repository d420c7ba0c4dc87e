import { describe, expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import { CACHE_RATES } from "#lib/gateway/testing/user-budget";
import {
  CACHED_ROW,
  CHAT_TOOLS,
  expectFailedStream,
  expectHeldBound,
  HELLO,
  RESPONSES_TOOLS,
  SETTINGS_OF_CHAT,
  TWO_CALLS_IN_CHAT,
  turnInChat,
  turnInResponses,
} from "#lib/gateway/testing/weather-turns";
import { fakeMessages, type MessagesAnswer } from "#lib/translation/testing/messages/server";
import { SIGNATURE } from "#lib/translation/testing/messages/strict";

const usage = {
  input_tokens: 100,
  cache_read_input_tokens: 50,
  cache_creation_input_tokens: 30,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 40,
};
const TEXT: MessagesAnswer = { content: [{ type: "text", text: "Good morning." }], usage };
const weather = (id: string, city: string) => ({
  type: "tool_use",
  id,
  name: "get_weather",
  input: { city },
});
const CALLS: MessagesAnswer = {
  content: [
    { type: "thinking", thinking: "Two cities.", signature: SIGNATURE },
    { type: "text", text: "Let me look." },
    weather("toolu_1", "Paris"),
    weather("toolu_2", "Rome"),
  ],
  stopReason: "tool_use",
  usage,
};

const upstream = await fakeMessages(() => TEXT);
const { gate, openAi: client } = await gatewayTo(upstream, {
  name: "claude",
  upstreamModel: "claude-haiku-4-5",
  providerType: "anthropic",
  rates: CACHE_RATES,
});

const ask = { model: "claude", messages: [HELLO] };
/** Chat's own usage has no place for the writes. */
const SETTLED = { ...CACHED_ROW, endpoint: "chat/completions", reasoning_tokens: "0" };
const sent = () => upstream.requests.at(-1)?.body ?? {};

describe("a chat completion by Claude", () => {
  test("is answered whole, and each meter is charged at its rate", async () => {
    const { data, response } = await client()
      .chat.completions.create({
        ...ask,
        ...SETTINGS_OF_CHAT,
        user: "u1",
      })
      .withResponse();
    expect(data).toMatchObject({
      object: "chat.completion",
      model: "claude",
      choices: [{ message: { role: "assistant", content: "Good morning." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 180, completion_tokens: 40, prompt_tokens_details: { cached_tokens: 50 } },
    });
    expect(await gate.rowOf(response)).toMatchObject(SETTLED);
    expect(sent()).toEqual({
      model: "claude-haiku-4-5",
      max_tokens: 500,
      system: [{ type: "text", text: "Be kind." }],
      messages: [{ role: "user", content: [{ type: "text", text: "Hello!" }] }],
      stop_sequences: ["END"],
      temperature: 1,
      metadata: { user_id: "u1" },
    });
    expect(upstream.requests.at(-1)?.headers).toMatchObject({
      "x-api-key": gate.seeded.canary,
      "anthropic-version": "2023-06-01",
    });
  });

  test("is answered as a stream, and Claude's parallel calls come one by one", async () => {
    upstream.answer = () => CALLS;
    const stream = client().chat.completions.stream({ ...ask, tools: CHAT_TOOLS });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject(TWO_CALLS_IN_CHAT);
  });

  test("gives Claude's signed thoughts back with the results, which are one turn", async () => {
    upstream.answer = ({ messages }) => (Array.isArray(messages) && messages.length > 1 ? TEXT : CALLS);
    const asked = {
      ...ask,
      tools: CHAT_TOOLS,
      reasoning_effort: "low" as const,
      max_completion_tokens: 8_000,
    };
    const first = await client().chat.completions.create(asked);
    expect(sent()).toMatchObject({ thinking: { type: "enabled", budget_tokens: 1_600 }, max_tokens: 8_000 });
    const second = await client().chat.completions.create({
      ...asked,
      messages: [HELLO, ...turnInChat(first)],
    });
    expect(second.choices[0]?.message.content).toBe("Good morning.");
    expect(sent().thinking).toMatchObject({ type: "enabled" });
    expect(sent().messages).toEqual([
      { role: "user", content: [{ type: "text", text: "Hello!" }] },
      { role: "assistant", content: CALLS.content },
      {
        role: "user",
        content: ["toolu_1", "toolu_2"].map((tool_use_id) => ({
          type: "tool_result",
          tool_use_id,
          content: [{ type: "text", text: "22 °C" }],
        })),
      },
    ]);
  });

  test("leaves thinking out where the client has lost the signature", async () => {
    const call = {
      role: "assistant" as const,
      tool_calls: [
        { id: "call.1", type: "function" as const, function: { name: "get_weather", arguments: "{}" } },
      ],
    };
    const { response } = await client()
      .chat.completions.create({
        ...ask,
        tools: CHAT_TOOLS,
        reasoning_effort: "low",
        max_completion_tokens: 8_000,
        messages: [...ask.messages, call, { role: "tool", tool_call_id: "call.1", content: "22 °C" }],
      })
      .withResponse();
    expect(sent().thinking).toBeUndefined();
    expect(response.headers.get("x-tollgate-dropped")).toBe("reasoning_effort");
    expect(sent().messages).toMatchObject([
      {},
      { content: [{ type: "tool_use", id: "call_1" }] },
      { content: [{ type: "tool_result", tool_use_id: "call_1" }] },
    ]);
  });

  test("is held to the bound that fits the budget, which Claude gets", async () => {
    const asked = () => gate.chat({ ...ask, max_tokens: 5_000 });
    await expectHeldBound(gate, asked, () => sent().max_tokens);
  });

  test("is refused before anything is held for what Claude cannot do", async () => {
    const before = upstream.requests.length;
    const rejected = await gate.chat({ ...ask, response_format: { type: "json_object" } });
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({
      error: { code: "unsupported_parameter", param: "response_format" },
    });
    expect(upstream.requests.length).toBe(before);
  });

  test("says in OpenAI's form what Anthropic says is wrong, and when", async () => {
    const overloaded = { status: 529, type: "overloaded_error", message: "Overloaded" };
    upstream.answer = () => ({
      ...TEXT,
      error: { status: 400, type: "invalid_request_error", message: "Odd." },
    });
    const rejected = await gate.chat(ask);
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({ error: { message: "Odd." } });
    upstream.answer = () => ({ ...TEXT, error: overloaded, isLate: true });
    await expectFailedStream(await gate.chat({ ...ask, stream: true }), "Overloaded");
    upstream.answer = () => ({ ...TEXT, isCut: true });
    const cut = await gate.chat({ ...ask, stream: true });
    expect(await cut.text()).not.toContain("[DONE]");
    expect(await gate.rowOf(cut)).toMatchObject({ error_code: "upstream_error" });
  });
});

describe("a response by Claude", () => {
  test("thinks, calls a tool, and has its signed thoughts back with the result", async () => {
    upstream.answer = ({ messages }) => (Array.isArray(messages) && messages.length > 1 ? TEXT : CALLS);
    const asked = {
      model: "claude",
      tools: RESPONSES_TOOLS,
      reasoning: { effort: "low" as const, summary: "auto" as const },
      max_output_tokens: 8_000,
    };
    const first = await client()
      .responses.stream({ ...asked, input: "Hello!" })
      .finalResponse();
    const { data, response } = await client()
      .responses.create({ ...asked, input: turnInResponses(first) })
      .withResponse();
    expect(data.output_text).toBe("Good morning.");
    expect(data.usage).toMatchObject({ input_tokens: 180, output_tokens: 40, total_tokens: 220 });
    expect(await gate.rowOf(response)).toMatchObject({ ...SETTLED, endpoint: "responses" });
    expect(sent().messages).toMatchObject([
      {},
      { role: "assistant", content: CALLS.content },
      { content: [{ tool_use_id: "toolu_1" }, { tool_use_id: "toolu_2" }] },
    ]);
  });
});
