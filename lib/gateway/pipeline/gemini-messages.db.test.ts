import { describe, expect, test } from "vitest";
import { gatewayToGemini } from "#lib/gateway/testing/gateway-to-gemini";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import {
  HELLO,
  MESSAGES_TOOLS,
  PICTURE,
  settledRow,
  turnInMessages,
} from "#lib/gateway/testing/weather-turns";
import { CALLS, COUNTS, ended, said, TEXT } from "#lib/translation/testing/gemini/answers";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";

const {
  upstream,
  gate,
  anthropic: client,
} = await gatewayToGemini({
  upstreamModel: "gemini-3.8-flash",
  contextWindow: 1_048_576,
  maxOutputTokens: 65_536,
});
const lastSent = () => upstream.requests.at(-1)?.body;

const ask = { model: "gem", max_tokens: 2_000, messages: [HELLO] };
const SETTLED = settledRow("messages", COUNTS);

/** Sends an answer back with the results of its calls. */
const goOn = (content: readonly object[], results: readonly object[]) =>
  gate.post("messages", {
    ...ask,
    tools: MESSAGES_TOOLS,
    messages: [HELLO, { role: "assistant", content }, { role: "user", content: results }],
  });

describe("a message by a model of Google's", () => {
  test("is answered whole, and charged by what Google reports", async () => {
    const { data, response } = await client().messages.create(ask).withResponse();
    expect(data).toMatchObject({
      type: "message",
      role: "assistant",
      model: "gem",
      content: [{ type: "text", text: "Good morning." }],
      stop_reason: "end_turn",
      usage: { input_tokens: 9, cache_read_input_tokens: 20, output_tokens: 819 },
    });
    expect(await gate.rowOf(response)).toMatchObject(SETTLED);
  });

  test("is answered as a stream that the SDK puts together", async () => {
    upstream.answer = () => ({ chunks: CALLS });
    const stream = client().messages.stream({ ...ask, tools: MESSAGES_TOOLS });
    const message = await stream.finalMessage();
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "The user wants the weather." },
        { type: "tool_use", name: "get_weather", input: { city: "Paris" } },
        { type: "tool_use", name: "get_weather", input: { city: "Rome" } },
      ],
      usage: { input_tokens: 9, cache_read_input_tokens: 20, output_tokens: 819 },
    });
    expect(await gate.settledRow(stream.response?.headers.get("x-request-id") ?? null)).toMatchObject(
      SETTLED,
    );
  });

  test("gives results of parallel calls back in one turn, with the signature and their pictures", async () => {
    upstream.answer = () => ({ chunks: CALLS });
    const first = await client().messages.create({ ...ask, tools: MESSAGES_TOOLS });
    const [paris, rome] = first.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
    if (paris === undefined || rome === undefined) throw new Error("no calls");
    upstream.answer = () => ({ chunks: TEXT });
    await client().messages.create({
      ...ask,
      tools: MESSAGES_TOOLS,
      messages: turnInMessages(first, [
        { type: "tool_result", tool_use_id: rome, content: "No such city", is_error: true },
        { type: "tool_result", tool_use_id: paris, content: [PICTURE] },
        { type: "text", text: "And now?" },
      ]),
    });
    expect(lastSent()?.contents).toEqual([
      { role: "user", parts: [{ text: "Hello!" }] },
      {
        role: "model",
        parts: [
          { text: "The user wants the weather.", thought: true },
          {
            functionCall: { id: "fc-Paris", name: "get_weather", args: { city: "Paris" } },
            thoughtSignature: SIGNATURES[0],
          },
          { functionCall: { id: "fc-Rome", name: "get_weather", args: { city: "Rome" } } },
        ],
      },
      {
        role: "user",
        parts: [
          {
            functionResponse: {
              id: "fc-Paris",
              name: "get_weather",
              response: { output: "" },
              parts: [{ inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
            },
          },
          { functionResponse: { id: "fc-Rome", name: "get_weather", response: { error: "No such city" } } },
          { text: "And now?" },
        ],
      },
    ]);
  });

  test("leaves out what another maker's model has thought", async () => {
    const answered = await goOn(
      [
        { type: "thinking", thinking: "Hm.", signature: "EqQBCkYIARgCKkA=" },
        { type: "redacted_thinking", data: "b3BhcXVl" },
        { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Paris" } },
      ],
      [{ type: "tool_result", tool_use_id: "toolu_1", content: "22 °C" }],
    );
    expect(answered.status).toBe(200);
    expect(answered.headers.get("x-tollgate-dropped")).toBe("messages[1].content[0],messages[1].content[1]");
    expect(lastSent()?.contents).toMatchObject([
      {},
      { parts: [{ functionCall: {}, thoughtSignature: "skip_thought_signature_validator" }] },
      {},
    ]);
  });

  test("names what is left out by its place in the client's own body", async () => {
    const search = { type: "web_search_20250305", name: "web_search" };
    const tools = [search, { ...MESSAGES_TOOLS[0], cache_control: { type: "ephemeral" } }];
    const answered = await gate.post("messages", { ...ask, tools });
    expect(answered.headers.get("x-tollgate-dropped")).toBe("tools[0],tools[1].cache_control");
  });

  test("asks for no more than the model can make, and names the betas that are left out", async () => {
    const headers = {
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "effort-2025-11-24, output-128k-2025-02-19",
    };
    const answered = await gate.post("messages", { ...ask, max_tokens: 128_000 }, headers);
    expect(answered.status).toBe(200);
    expect(lastSent()?.generationConfig).toEqual({ maxOutputTokens: 65_536 });
    expect(answered.headers.get("x-tollgate-dropped")).toBe(
      "anthropic-beta:effort-2025-11-24,anthropic-beta:output-128k-2025-02-19",
    );
  });

  test("sends the bound that is held, and a level for the budget of thinking", async () => {
    await leaveBudget(gate, "0.002");
    const answered = await gate.post("messages", {
      ...ask,
      max_tokens: 32_000,
      thinking: { type: "enabled", budget_tokens: 31_999 },
    });
    expect(answered.status).toBe(200);
    const bound = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(bound).toBeLessThan(2_000);
    expect(lastSent()?.generationConfig).toEqual({
      maxOutputTokens: bound,
      thinkingConfig: { includeThoughts: true, thinkingLevel: "high" },
    });
    await leaveBudget(gate, null);
  });

  test("is refused as Anthropic refuses, if Google blocks it", async () => {
    upstream.answer = () => ({ chunks: [said({ text: "Well, " }), ended("SAFETY")] });
    const { data } = await client().messages.create(ask).withResponse();
    expect(data.stop_reason).toBe("refusal");
    upstream.answer = () => ({
      chunks: [
        { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 29 } },
      ],
    });
    const { data: blocked, response } = await client().messages.create(ask).withResponse();
    expect(blocked).toMatchObject({ content: [], stop_reason: "refusal" });
    expect(await gate.rowOf(response)).toMatchObject({ input_tokens: "29", output_tokens: "0" });
  });

  test("has Anthropic's errors, before a stream and within one", async () => {
    const error = { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED" };
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" }];
    upstream.answer = () => ({ status: 429, chunks: [{ error: { ...error, details } }] });
    const limited = await gate.post("messages", { ...ask, stream: true });
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("35");
    expect(await limited.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
    const overloaded = { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" };
    upstream.answer = () => ({ chunks: [said({ text: "Good " }), { error: overloaded }] });
    const broken = await gate.post("messages", { ...ask, stream: true });
    const text = await broken.text();
    expect(text).toContain("event: error\n");
    expect(text).toContain("The model is overloaded.");
    expect(text).not.toContain("message_stop");
  });

  test("tells Claude Code in Anthropic's words that the input is too long", async () => {
    const message = "The input token count (1200) exceeds the maximum number of tokens allowed (1000).";
    upstream.answer = () => ({
      status: 400,
      chunks: [{ error: { code: 400, message, status: "INVALID_ARGUMENT" } }],
    });
    const rejected = await gate.post("messages", { ...ask, stream: true });
    expect(rejected.status).toBe(400);
    expect(await rejected.json()).toMatchObject({
      error: { type: "invalid_request_error", message: "prompt is too long: 1200 tokens > 1000 maximum" },
    });
  });

  test("is asked for once more without signatures that Google refuses", async () => {
    upstream.answer = () => ({ chunks: CALLS });
    const first = await client().messages.create({ ...ask, tools: MESSAGES_TOOLS });
    upstream.answer = () => ({ chunks: TEXT });
    const content = first.content.map((block) =>
      block.type === "thinking" ? { ...block, signature: block.signature.replace("c2ln", "bm9u") } : block,
    );
    const before = upstream.requests.length;
    const results = content.flatMap((block) =>
      block.type === "tool_use" ? [{ type: "tool_result", tool_use_id: block.id, content: "Sun" }] : [],
    );
    const answered = await goOn(content, results);
    expect(answered.status).toBe(200);
    expect(upstream.requests.length).toBe(before + 2);
    expect(answered.headers.get("x-tollgate-dropped")).toBe("messages[1].content[0]");
    expect(JSON.stringify(lastSent())).toContain("skip_thought_signature_validator");
  });

  test("says nothing of our key where Google rejects it", async () => {
    const message = "API key not valid. Please pass a valid API key.";
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
    upstream.answer = () => ({
      status: 400,
      chunks: [{ error: { code: 400, message, status: "INVALID_ARGUMENT", details } }],
    });
    const failed = await gate.post("messages", ask);
    expect(failed.status).toBe(502);
    expect(await failed.text()).not.toContain("API key");
  });
});
