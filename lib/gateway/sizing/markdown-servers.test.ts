import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { png } from "#lib/dialects/media/testing/media-files";
import { testModel } from "#lib/gateway/testing/test-model";
import { contextJudge } from "./context-window";
import { estimateInputTokens, inputTokenBound } from "./estimate";
import { mayReadMarkdown } from "./markdown-servers";
import { countedInputBound } from "./spending-bound";

const say = (content: unknown, fields: object = {}) =>
  chat.parse(JSON.stringify({ model: "m", messages: [{ role: "user", content }], ...fields }));
const README = "![build](https://a.example/badge.svg) ".repeat(10);
const tool = { type: "function", function: { name: "f", description: README } };
const picture = (bytes: number) => [
  { type: "image_url", image_url: { url: `data:image/png;base64,${png(64, 64, bytes)}` } },
];
const MOST_PICTURE_TOKENS = 16_384;

describe("pictures in Markdown", () => {
  test.each([
    ["a text", say(README)],
    [
      "parts",
      say([
        { type: "text", text: "Look" },
        { type: "text", text: README },
      ]),
    ],
    ["a result", say([{ type: "tool_result", tool_use_id: "t", content: README }])],
    ["a tool", say("Hi", { tools: [tool] })],
    ["a setting", say("Hi", { tool_prompt: README })],
    ["a name", say("Hi", { messages: [{ role: "user", name: README, content: "Hi" }] })],
    [
      "a call",
      chat.parse(
        JSON.stringify({
          model: "m",
          messages: [
            {
              role: "assistant",
              tool_calls: [{ id: README, type: "function", function: { name: "f", arguments: "{}" } }],
            },
          ],
        }),
      ),
    ],
  ])("in %s are held as pictures where a server may fetch them", async (_, call) => {
    const model = testModel(null, "llava");
    const bound = inputTokenBound(call, model);
    expect(bound).toBeGreaterThan(10 * MOST_PICTURE_TOKENS);
    expect(await countedInputBound(chat, call, model, bound)).toBeGreaterThan(10 * MOST_PICTURE_TOKENS);
    expect(inputTokenBound(call, testModel(null, "gpt-4o"))).toBeLessThan(5_000);
  });

  test.each([
    ["URL", "https://a.example/1.png"],
    ["data", `data:image/png;base64,${png(64, 64)}`],
  ])("that follow a picture's %s are held besides it", (_, url) => {
    const parts = (text: string) => [{ type: "image_url", image_url: { url: `${url}${text}` } }];
    const split = [...parts(")!"), { type: "text", text: "[](https://a.example/2.png)" }];
    expect(inputTokenBound(say(parts(`)${README}`)), testModel(null, "llava"))).toBeGreaterThan(
      11 * MOST_PICTURE_TOKENS,
    );
    expect(inputTokenBound(say(split), testModel(null, "llava"))).toBeGreaterThan(2 * MOST_PICTURE_TOKENS);
  });

  test("are likely no pictures", () => {
    expect(estimateInputTokens(say(README), testModel(null, "llava"))).toBeLessThan(300);
  });

  test("raise the bound to the context window at most, and reject nothing", async () => {
    const call = say(README.repeat(10));
    expect(inputTokenBound(call, testModel(32_000, "llava"))).toBe(32_000);
    expect(await contextJudge(chat, call).rejection(testModel(32_000, "llava"))).toBeNull();
    // A text of more bytes than the window has tokens is bounded by its bytes, as without them.
    expect(inputTokenBound(call, testModel(2_000, "llava"))).toBeGreaterThan(3_000);
  });
});

describe("pictures as data", () => {
  test("are held at the length of their data where a server may leave it in the prompt", () => {
    const call = say(picture(1_500_000));
    expect(inputTokenBound(call, testModel(null, "mistral-7b"))).toBeGreaterThan(2_000_000);
    expect(inputTokenBound(call, testModel(131_072, "mistral-7b"))).toBe(131_072);
    expect(inputTokenBound(call, testModel(null, "gpt-4o"))).toBeLessThan(2_000);
    expect(inputTokenBound(say(picture(100)), testModel(null, "mistral-7b"))).toBeLessThan(18_000);
  });

  test("are likely as many tokens as any picture", () => {
    expect(estimateInputTokens(say(picture(1_500_000)), testModel(null, "mistral-7b"))).toBeLessThan(1_600);
  });
});

describe("calls and results of tools", () => {
  const called = (args: unknown) => ({
    role: "assistant",
    tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: args } }],
  });
  const numbers = `{"a":[${"1e15,".repeat(500)}1]}`;
  const markup = "<b>'&'</b>".repeat(200);

  test.each<[string, object, number]>([
    ["numbers with exponents, as text", called(numbers), 500 * 20],
    ["numbers with exponents, as a value", called({ a: Array(500).fill(1e21) }), 500 * 20],
    ["markup in arguments", called({ a: markup }), markup.length * 3],
    ["markup in a result", { role: "tool", tool_call_id: "c", content: markup }, markup.length * 3],
    [
      "quotes in a result",
      { role: "tool", tool_call_id: "c", content: [{ type: "text", text: '"'.repeat(2_000) }] },
      4_000,
    ],
  ])("%s are held as templates may write them", async (_, message, least) => {
    const call = chat.parse(JSON.stringify({ model: "m", messages: [message] }));
    const model = testModel(null, "llama");
    const bound = inputTokenBound(call, model);
    expect(bound).toBeGreaterThan(least);
    expect(await countedInputBound(chat, call, model, bound)).toBeGreaterThan(least);
    expect(inputTokenBound(call, testModel(null, "gpt-4o"))).toBeLessThan(5_000);
  });
});

test.each([
  ["https://api.openai.com/v1", "gpt-6", false],
  ["https://acme.openai.azure.com/openai/v1", "my-deployment", false],
  ["https://acme.services.ai.azure.com/openai/v1", "my-deployment", false],
  [
    "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/endpoints/openapi",
    "meta/llama-4-maverick",
    false,
  ],
  ["https://api.groq.com/openai/v1", "llama-4", false],
  ["https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", "openai.gpt-oss-120b-1:0", false],
  ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen3-vl-plus", false],
  ["http://litellm:4000/v1", "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", false],
  ["https://openrouter.ai/api/v1", "google/gemini-2.5-flash", false],
  ["https://openrouter.ai/api/v1", "openai/o3", false],
  ["", "simulated", false],
  ["https://openrouter.ai/api/v1", "qwen/qwen2.5-vl-72b", true],
  ["http://litellm:4000/v1", "openai/gpt-oss-120b", true],
  ["https://runtime.sagemaker.us-east-1.amazonaws.com/v1", "llava", true],
  ["https://us-central1-aiplatform.googleapis.com/v1/projects/p/endpoints/7", "tgi", true],
  ["https://x.eastus.inference.ml.azure.com/v1", "tgi", true],
  ["https://7.cn-beijing.pai-eas.aliyuncs.com/v1", "tgi", true],
  ["https://x.endpoints.huggingface.cloud/v1", "tgi", true],
  ["https://notopenai.com/v1", "tgi", true],
  ["http://127.0.0.1:8080/v1", "meta-llama/Llama-3.2-11B-Vision", true],
])("%s with %s may read pictures in Markdown: %s", (baseUrl, upstreamModel, may) => {
  expect(mayReadMarkdown({ baseUrl, upstreamModel })).toBe(may);
});
