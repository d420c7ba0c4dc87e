import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { beforeEach, describe, expect, test } from "vitest";
import { becomes } from "#lib/gateway/testing/move-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { CACHE_RATES, leaveBudget } from "#lib/gateway/testing/user-budget";
import {
  CACHED_ROW,
  CHAT_TOOLS,
  expectFailedStream,
  HELLO,
  MESSAGES_TOOLS,
  RESPONSES_TOOLS,
  SETTINGS_OF_CHAT,
  TWO_CALLS_IN_CHAT,
  turnInChat,
  turnInResponses,
} from "#lib/gateway/testing/weather-turns";
import { connections } from "#lib/providers/testing/exchange-harness";
import { REGION } from "#lib/providers/testing/fake-bedrock";
import { CALLS, TEXT } from "#lib/translation/testing/converse/answers";
import { fakeConverse } from "#lib/translation/testing/converse/server";

const MODEL_ID = "us.amazon.nova-2-lite-v1:0";
const encryptionKey = randomBytes(32).toString("base64");
const upstream = await fakeConverse(() => TEXT);
const gate = await testGateway({
  models: [
    {
      name: "nova",
      upstreamModel: MODEL_ID,
      rates: CACHE_RATES,
      contextWindow: 100_000,
    },
  ],
  encryptionKey,
});
const stored = (credentials: object) => ({
  type: "bedrock",
  baseUrl: upstream.url,
  credentials,
  settings: { region: REGION },
});

beforeEach(async () => {
  upstream.answer = () => TEXT;
  await becomes(gate, encryptionKey, stored(upstream.keys), connections());
});

const openai = () => new OpenAI({ baseURL: gate.url, apiKey: gate.seeded.apiKey, maxRetries: 0 });
const anthropic = () =>
  new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey: gate.seeded.apiKey, maxRetries: 0 });

const ask = { model: "nova", messages: [HELLO] };
const sent = () => upstream.requests.at(-1)?.body ?? {};

describe("a chat completion by Converse", () => {
  test("is signed, answered whole, and charged at the rate of each meter", async () => {
    const { data, response } = await openai()
      .chat.completions.create({
        ...ask,
        ...SETTINGS_OF_CHAT,
      })
      .withResponse();
    expect(data).toMatchObject({
      choices: [{ message: { role: "assistant", content: "Good morning." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 180, completion_tokens: 40, prompt_tokens_details: { cached_tokens: 50 } },
    });
    expect(await gate.rowOf(response)).toMatchObject({ ...CACHED_ROW, endpoint: "chat/completions" });
    expect(upstream.requests.at(-1)).toEqual({
      path: `/model/${encodeURIComponent(MODEL_ID)}/converse`,
      body: {
        system: [{ text: "Be kind." }],
        messages: [{ role: "user", content: [{ text: "Hello!" }] }],
        inferenceConfig: { maxTokens: 500, temperature: 1, stopSequences: ["END"] },
      },
    });
  });

  test("is streamed out of frames, with an API key, too", async () => {
    await becomes(gate, encryptionKey, stored({ api_key: upstream.apiKey }), connections());
    upstream.answer = () => CALLS;
    const stream = openai().chat.completions.stream({ ...ask, tools: CHAT_TOOLS });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]).toMatchObject(TWO_CALLS_IN_CHAT);
    expect(upstream.requests.at(-1)?.path).toBe(`/model/${encodeURIComponent(MODEL_ID)}/converse-stream`);
  });

  test("gives signed reasoning back with the results, which are one turn of the user", async () => {
    upstream.answer = ({ messages }) => (Array.isArray(messages) && messages.length > 1 ? TEXT : CALLS);
    const first = await openai().chat.completions.create({
      ...ask,
      tools: CHAT_TOOLS,
      reasoning_effort: "high",
      max_completion_tokens: 800,
    });
    expect(sent().additionalModelRequestFields).toEqual({
      reasoningConfig: { type: "enabled", maxReasoningEffort: "medium" },
    });
    await openai().chat.completions.create({
      ...ask,
      tools: CHAT_TOOLS,
      messages: [HELLO, ...turnInChat(first)],
    });
    expect(sent().messages).toEqual([
      { role: "user", content: [{ text: "Hello!" }] },
      { role: "assistant", content: CALLS.content },
      {
        role: "user",
        content: ["tooluse_1", "tooluse_2"].map((toolUseId) => ({
          toolResult: { toolUseId, content: [{ text: "22 °C" }] },
        })),
      },
    ]);
  });

  test("is bound by a hard budget, and the bound is what Bedrock gets", async () => {
    await leaveBudget(gate, "0.001");
    const answered = await gate.chat({ ...ask, max_tokens: 5_000 });
    expect(answered.status).toBe(200);
    const bound = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(bound).toBeLessThan(1_000);
    expect(sent().inferenceConfig).toEqual({ maxTokens: bound });
    await leaveBudget(gate, "0");
    const before = upstream.requests.length;
    expect((await gate.chat(ask)).status).toBe(429);
    expect(upstream.requests.length).toBe(before);
    await leaveBudget(gate, null);
  });

  test("is refused before anything is held for what Bedrock cannot do", async () => {
    const before = upstream.requests.length;
    const picture = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
    const rejected = await gate.chat({ ...ask, messages: [{ role: "user", content: [picture] }] });
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({ error: { code: "unsupported_parameter" } });
    expect(upstream.requests.length).toBe(before);
  });

  test("says what Bedrock says is wrong, and an exception within a stream ends it", async () => {
    upstream.answer = () => ({
      ...TEXT,
      error: { status: 400, name: "ValidationException", message: "Odd." },
    });
    const rejected = await gate.chat(ask);
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({ error: { message: "Odd." } });
    const throttled = { status: 429, name: "throttlingException", message: "Too many tokens" };
    upstream.answer = () => ({ ...TEXT, error: throttled, isLate: true });
    await expectFailedStream(await gate.chat({ ...ask, stream: true }), "Too many tokens");
    upstream.answer = () => ({ ...TEXT, isCut: true });
    const cut = await gate.chat({ ...ask, stream: true });
    expect(await cut.text()).not.toContain("[DONE]");
    expect(await gate.rowOf(cut)).toMatchObject({ error_code: "upstream_error", usage_source: "estimated" });
  });

  test("waits where Bedrock throttles, and does not blame the client for a rejected signature", async () => {
    upstream.answer = () => ({
      ...TEXT,
      error: { status: 429, name: "ThrottlingException", message: "Slow." },
    });
    expect((await gate.chat(ask)).status).toBe(429);
    await becomes(gate, encryptionKey, stored({ api_key: "ABSKwrong" }), connections());
    expect((await gate.chat(ask)).status).toBe(502);
  });
});

describe("a message by Converse", () => {
  test("is answered to Anthropic's client, whole and streamed, with writes to the cache by their time", async () => {
    const asked = { ...ask, max_tokens: 500 };
    const whole = await anthropic().messages.create(asked).withResponse();
    const streamed = await anthropic().messages.stream(asked).finalMessage();
    for (const { content, stop_reason, usage } of [whole.data, streamed]) {
      expect([content, stop_reason]).toMatchObject([[{ type: "text", text: "Good morning." }], "end_turn"]);
      expect(usage).toMatchObject({ input_tokens: 100, cache_read_input_tokens: 50, output_tokens: 40 });
    }
    expect(await gate.rowOf(whole.response)).toMatchObject({ ...CACHED_ROW, endpoint: "messages" });
  });

  test("carries pictures, documents, errors and marks within results", async () => {
    upstream.answer = ({ messages }) => (Array.isArray(messages) && messages.length > 1 ? TEXT : CALLS);
    const user = { role: "user" as const, content: "Hello!" };
    const first = await anthropic().messages.create({ ...ask, max_tokens: 500, tools: MESSAGES_TOOLS });
    const source = { type: "base64" as const, media_type: "image/png" as const, data: "iVBORw0KGgo=" };
    const pdf = { type: "base64" as const, media_type: "application/pdf" as const, data: "JVBERi0xLjQK" };
    const { response } = await anthropic()
      .messages.create({
        model: "nova",
        max_tokens: 500,
        tools: MESSAGES_TOOLS,
        system: [{ type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } }],
        messages: [
          user,
          { role: "assistant", content: first.content },
          {
            role: "user",
            content: [
              {
                type: "tool_result",
                tool_use_id: "tooluse_1",
                content: [
                  { type: "image", source },
                  { type: "document", source: pdf, title: "map: Paris?.pdf" },
                ],
              },
              { type: "tool_result", tool_use_id: "tooluse_2", content: "No such city", is_error: true },
            ],
          },
        ],
      })
      .withResponse();
    expect(response.headers.get("x-tollgate-dropped")).toBeNull();
    expect(sent().system).toEqual([{ text: "Be kind." }, { cachePoint: { type: "default" } }]);
    expect(Array.isArray(sent().messages) ? sent().messages : []).toMatchObject([
      {},
      { role: "assistant", content: CALLS.content },
      {
        role: "user",
        content: [
          {
            toolResult: {
              toolUseId: "tooluse_1",
              content: [
                { image: { format: "png", source: { bytes: "iVBORw0KGgo=" } } },
                { document: { format: "pdf", name: "map Paris", source: { bytes: "JVBERi0xLjQK" } } },
              ],
            },
          },
          { toolResult: { toolUseId: "tooluse_2", content: [{ text: "No such city" }], status: "error" } },
        ],
      },
    ]);
  });
});

test("a response by Converse has its reasoning and calls as items, whose envelope comes back", async () => {
  upstream.answer = ({ messages }) => (Array.isArray(messages) && messages.length > 1 ? TEXT : CALLS);
  const asked = {
    model: "nova",
    tools: RESPONSES_TOOLS,
    reasoning: { effort: "low" as const, summary: "auto" as const },
  };
  const first = await openai()
    .responses.stream({ ...asked, input: "Hello!" })
    .finalResponse();
  const { data, response } = await openai()
    .responses.create({
      ...asked,
      input: turnInResponses(first),
    })
    .withResponse();
  expect(data.output_text).toBe("Good morning.");
  expect(await gate.rowOf(response)).toMatchObject({ ...CACHED_ROW, endpoint: "responses" });
  expect(sent().messages).toMatchObject([{}, { content: CALLS.content }, {}]);
});
