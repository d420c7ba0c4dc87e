import { createCipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { messages } from "#lib/dialects/messages/dialect";
import { responses } from "#lib/dialects/responses/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { documentedAnswers } from "#lib/testing/upstream/documented-answers";
import { countTokens } from "./count-tokens";
import { estimateInputTokens } from "./estimate";

const say = (content: string, fields: object = {}) => ({
  model: "m",
  messages: [{ role: "user", content }],
  ...fields,
});
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Get the current weather in a given location.",
    parameters: {
      type: "object",
      properties: { location: { type: "string", description: "The city and country, such as Oslo, Norway" } },
      required: ["location"],
    },
  },
};

function encrypted(text: string): string {
  const cipher = createCipheriv("aes-256-gcm", Buffer.alloc(32, 1), Buffer.alloc(12));
  return Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

/** Requests whose usage the providers document or report. */
function expectNear(body: unknown, count: number, upstreamModel?: string): void {
  const call = chat.parse(JSON.stringify(body));
  const estimate = estimateInputTokens(call, testModel(null, upstreamModel ?? call.model));
  expect(estimate / count).toBeGreaterThan(0.5);
  expect(estimate / count).toBeLessThanOrEqual(2);
}

describe("estimated input tokens are within 0.5 and 2 times the provider's count", () => {
  test.each<[string, string, object, number]>([
    ["a greeting", "gpt-5-nano", say("Hello!"), 8],
    ["a question", "grok-3-mini", say("Say a single word."), 12],
    ["a greeting", "claude-sonnet-4-5", say("Hello, how are you?"), 12],
    [
      "a question with a tool",
      "gpt-5-nano",
      say("What is the weather like in Boston today?", { tools: [weather] }),
      100,
    ],
    [
      "a tool of Claude",
      "claude-sonnet-4-5",
      say("What is the weather like in Oslo?", { tools: [weather] }),
      435,
    ],
  ])("%s to %s", (_, upstreamModel, body, count) => {
    expectNear(body, count, upstreamModel);
  });

  const chats = documentedAnswers.flatMap(({ name, request, response }) => {
    const reported = /"prompt_tokens":\s*(\d+)/.exec(response.body);
    const isInvented = name.includes("cached");
    return request.path.endsWith("/chat/completions") && reported !== null && !isInvented
      ? [{ name, body: request.body, count: Number(reported[1]) }]
      : [];
  });

  test.each(chats)("$name", ({ body, count }) => {
    expectNear(body, count);
  });

  test.each([
    ["bash_20250124", 346 + 245],
    ["text_editor_20250728", 346 + 700],
    ["computer_20250124", 346 + 735 + 480],
    ["computer_toolset_20260801", 4_500],
    ["browser_toolset_20260801", 6_600],
  ])("a tool that Anthropic defines: %s", (type, tokens) => {
    const body = { max_tokens: 9, ...say("Hi"), tools: [{ type, name: "t" }] };
    const call = messages.parse(JSON.stringify(body));
    const estimate = estimateInputTokens(call, testModel(null, "claude-sonnet-4-5"));
    expect(estimate / tokens).toBeGreaterThan(0.8);
    expect(estimate / tokens).toBeLessThan(1.25);
  });

  test("a tool that OpenAI defines counts like one that Anthropic does", () => {
    const estimateOf = (tools: object[]) =>
      estimateInputTokens(
        responses.parse(JSON.stringify({ model: "m", input: "Hi", tools })),
        testModel(null, "gpt-5"),
      );
    expect(estimateOf([{ type: "shell" }])).toBeGreaterThan(estimateOf([]) + 200);
  });

  const THOUGHT = "The user asks for the fare, so the timetable is needed first. ".repeat(100);
  const SEALED = encrypted(THOUGHT);
  const thought = (block: object) => ({
    model: "m",
    max_tokens: 9,
    messages: [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [block] },
    ],
  });
  test.each([
    ["redacted thinking", messages, thought({ type: "redacted_thinking", data: SEALED })],
    ["omitted thinking", messages, thought({ type: "thinking", thinking: "", signature: SEALED })],
    [
      "encrypted reasoning",
      responses,
      { model: "m", input: [{ type: "reasoning", id: "r", summary: [], encrypted_content: SEALED }] },
    ],
    [
      "encrypted reasoning at OpenRouter",
      chat,
      {
        model: "m",
        messages: [
          { role: "assistant", reasoning_details: [{ type: "reasoning.encrypted", data: SEALED }] },
          { role: "user", content: "Hi" },
        ],
      },
    ],
    [
      "a signed thought",
      chat,
      {
        model: "m",
        messages: [
          { role: "assistant", content: "", extra_content: { google: { thought_signature: SEALED } } },
          { role: "user", content: "Hi" },
        ],
      },
    ],
  ])("%s, of which the text is encrypted", async (_, dialect, body) => {
    const estimate = estimateInputTokens(dialect.parse(JSON.stringify(body)), testModel(null));
    const ratio = estimate / (await countTokens([THOUGHT]));
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThanOrEqual(2);
  });
});
