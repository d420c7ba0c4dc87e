import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { gatewayToGemini } from "#lib/gateway/testing/gateway-to-gemini";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import {
  CHAT_TOOLS,
  expectHeldBound,
  HELLO,
  settledRow,
  turnInChat,
} from "#lib/gateway/testing/weather-turns";
import {
  boundIn,
  COUNTS,
  calledTurn,
  callOf,
  ended,
  said,
  TEXT,
} from "#lib/translation/testing/gemini/answers";

const { upstream, gate, openAi: client } = await gatewayToGemini();

const ask = { model: "gem", messages: [HELLO] };
const SETTLED = settledRow("chat/completions", COUNTS);

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
      chunks:
        Array.isArray(contents) && contents.length > 1
          ? TEXT
          : callOf("get_weather", { city: "Paris" }, "The user wants the weather."),
    });
    const first = await client().chat.completions.create({ ...ask, tools: CHAT_TOOLS });
    expect(first.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        reasoning_content: "The user wants the weather.",
        tool_calls: [{ type: "function", function: { name: "get_weather", arguments: '{"city":"Paris"}' } }],
      },
    });
    const second = await client().chat.completions.create({
      ...ask,
      tools: CHAT_TOOLS,
      messages: [HELLO, ...turnInChat(first)],
    });
    expect(second.choices[0]?.message.content).toBe("Good morning.");
    expect(upstream.requests.at(-1)?.body.contents).toEqual(
      calledTurn("The user wants the weather.", "22 °C"),
    );
  });

  test("sends the bound that is held, which counts thoughts", async () => {
    const asked = () => gate.chat({ ...ask, max_tokens: 5_000 });
    await expectHeldBound(gate, asked, () => boundIn(upstream.requests.at(-1)?.body));
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

describe("what Google does not report", () => {
  const words = "several words of an answer ".repeat(20);
  const zeros = { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 };
  const prompt = { promptTokenCount: 29, totalTokenCount: 29 };

  test.each([
    ["zeros", zeros, 1],
    ["its prompt alone", prompt, 29],
  ])("after a stream has begun with %s, is estimated", async (_, usageMetadata, leastInput) => {
    const { candidates } = ended("STOP");
    upstream.answer = () => ({
      chunks: [{ ...said({ text: words }), usageMetadata }, said({ text: words }), { candidates }],
    });
    const row = await gate.rowOf(await read({ ...ask, stream: true }));
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeGreaterThanOrEqual(leastInput);
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(200);
  });

  test.each([true, false])(
    "of a malformed call is charged as all that may be made, under a hard budget (stream: %s)",
    async (stream) => {
      const candidates = [{ content: {}, finishReason: "MALFORMED_FUNCTION_CALL" }];
      upstream.answer = () => ({ chunks: [{ candidates }] });
      await leaveBudget(gate, 1);
      const row = await gate.rowOf(await read({ ...ask, stream, max_tokens: 1000 }));
      await leaveBudget(gate, null);
      expect(row).toMatchObject({
        status: "settled",
        usage_source: "estimated",
        output_tokens: "1000",
        error_code: "upstream_error",
      });
    },
  );

  test.each([
    ["chat/completions", { messages: ask.messages }],
    ["messages", { max_tokens: 1000, messages: ask.messages }],
    ["responses", { input: "Hello!" }],
  ])(
    "of an answer that fails after its content is charged exactly, as an error at %s",
    async (path, body) => {
      for (const reason of ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"]) {
        upstream.answer = () => ({ chunks: [said({ text: "I " }), ended(reason, { text: "call." })] });
        const response = await gate.post(path, { model: ask.model, ...body });
        expect(response.status).toBe(502);
        const { error } = Object(await response.json());
        expect(error.message).toBe(`The model's answer ended with ${reason}.`);
        expect(await gate.rowOf(response)).toMatchObject({
          status: "settled",
          error_code: "upstream_error",
          usage_source: "provider",
          output_tokens: String(COUNTS.output),
        });
      }
    },
  );

  async function read(body: object): Promise<Response> {
    const response = await gate.chat(body);
    await response.text();
    return response;
  }
});
