import type OpenAI from "openai";
import { beforeEach, describe, expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { ended, said, TEXT } from "#lib/translation/testing/gemini/answers";
import { fakeGemini } from "#lib/translation/testing/gemini/server";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";

const CALL = [
  said({ text: "The user wants the weather.", thought: true }),
  ended("STOP", {
    functionCall: { name: "get_weather", args: { city: "Paris" } },
    thoughtSignature: SIGNATURES[0],
  }),
];

const upstream = await fakeGemini(() => ({ chunks: TEXT }));
const { gate, openAi: client } = await gatewayTo(upstream.url, {
  name: "gem",
  upstreamModel: "gemini-3-flash-preview",
  providerType: "google",
});
beforeEach(() => {
  upstream.answer = () => ({ chunks: TEXT });
});

const ask = { model: "gem", messages: [{ role: "user" as const, content: "Hello!" }] };
const SETTLED = {
  status: "settled",
  endpoint: "chat/completions",
  input_tokens: "29",
  cached_tokens: "20",
  output_tokens: "819",
  reasoning_tokens: "804",
  usage_source: "provider",
  cost_usd: "0.000848000000",
};

describe("a chat completion by a model of Google's", () => {
  test("is answered whole, and charged by what Google reports", async () => {
    const { data, response } = await client().chat.completions.create(ask).withResponse();
    expect(data).toMatchObject({
      object: "chat.completion",
      model: "gem",
      choices: [{ message: { role: "assistant", content: "Good morning." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 29, completion_tokens: 819, total_tokens: 848 },
    });
    expect(await gate.rowOf(response)).toMatchObject(SETTLED);
    expect(upstream.requests.at(-1)).toMatchObject({
      path: "/v1beta/models/gemini-3-flash-preview:generateContent",
      key: gate.seeded.canary,
      body: { contents: [{ role: "user", parts: [{ text: "Hello!" }] }] },
    });
  });

  test("is answered as a stream", async () => {
    const { data, response } = await client()
      .chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of data) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("Good morning.");
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 29, completion_tokens: 819 });
    expect(await gate.rowOf(response)).toMatchObject(SETTLED);
  });

  test("calls tools, and the signature comes back with the result", async () => {
    upstream.answer = (_, { contents }) => ({
      chunks: Array.isArray(contents) && contents.length > 1 ? TEXT : CALL,
    });
    const tools = [
      {
        type: "function" as const,
        function: { name: "get_weather", parameters: { type: "object", properties: {} } },
      },
    ];
    const first = await client().chat.completions.create({ ...ask, tools });
    const message = first.choices[0]?.message;
    expect(first.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        reasoning_content: "The user wants the weather.",
        tool_calls: [{ type: "function", function: { name: "get_weather", arguments: '{"city":"Paris"}' } }],
      },
    });
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call === undefined) throw new Error("no call");
    const second = await client().chat.completions.create({
      ...ask,
      tools,
      messages: [...ask.messages, message, { role: "tool", tool_call_id: call.id, content: "22 °C" }],
    });
    expect(second.choices[0]?.message.content).toBe("Good morning.");
    expect(upstream.requests.at(-1)?.body.contents).toEqual([
      { role: "user", parts: [{ text: "Hello!" }] },
      {
        role: "model",
        parts: [
          { text: "The user wants the weather.", thought: true },
          {
            functionCall: { name: "get_weather", args: { city: "Paris" } },
            thoughtSignature: SIGNATURES[0],
          },
        ],
      },
      { role: "user", parts: [{ functionResponse: { name: "get_weather", response: { output: "22 °C" } } }] },
    ]);
  });

  test("sends the bound that is held, which counts thoughts", async () => {
    await leaveBudget(gate, "0.001");
    const answered = await gate.chat({ ...ask, max_tokens: 5_000 });
    expect(answered.status).toBe(200);
    const sent = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(sent).toBeLessThan(1_000);
    expect(upstream.requests.at(-1)?.body.generationConfig).toMatchObject({ maxOutputTokens: sent });
    await leaveBudget(gate, null);
  });

  test("is rejected before anything is held for a demand that cannot be kept, and names what is dropped", async () => {
    const before = upstream.requests.length;
    const rejected = await gate.chat({ ...ask, logit_bias: { "50256": -100 } });
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({
      error: { code: "unsupported_parameter", param: "logit_bias" },
    });
    expect(upstream.requests.length).toBe(before);
    const answered = await gate.chat({ ...ask, metadata: { trace: "1" }, user: "u1" });
    expect(answered.headers.get("x-tollgate-dropped")).toBe("metadata,user");
    expect(await gate.rowOf(answered)).toMatchObject({ dropped: ["metadata", "user"] });
  });

  test("passes on an error about the request, and an error within the stream ends it", async () => {
    const error = { code: 400, message: "Unsupported MIME type: text/odd", status: "INVALID_ARGUMENT" };
    upstream.answer = () => ({ status: 400, chunks: [{ error }] });
    const rejected = await gate.chat({ ...ask, stream: true });
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({ error: { message: "Unsupported MIME type: text/odd" } });
    const overloaded = { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" };
    upstream.answer = () => ({ chunks: [said({ text: "Good " }), { error: overloaded }] });
    const broken = await gate.chat({ ...ask, stream: true });
    const text = await broken.text();
    expect(text).toContain("The model is overloaded.");
    expect(text).not.toContain("[DONE]");
    expect((await gate.rowOf(broken)).error_code).toBe("upstream_error");
  });

  test("breaks if its stream does", async () => {
    upstream.answer = () => ({ chunks: [said({ text: "Good " })], isCut: true });
    const broken = await gate.chat({ ...ask, stream: true });
    expect(await broken.text()).not.toContain("[DONE]");
    expect(await gate.rowOf(broken)).toMatchObject({
      error_code: "upstream_error",
      usage_source: "estimated",
    });
  });
});
