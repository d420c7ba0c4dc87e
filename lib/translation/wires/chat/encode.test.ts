import { describe, expect, test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { decodeMessages } from "#lib/translation/clients/messages/decode";
import { decodeResponses } from "#lib/translation/clients/responses/decode";
import { scopeOf } from "#lib/translation/envelope";
import { chatFault } from "#lib/translation/testing/chat/strict";
import { ENCODE_OPTIONS, PROVIDER_ID, sentBy } from "#lib/translation/testing/translate";
import type { Turn } from "#lib/translation/turn";
import { encodeChat } from "./encode";

function encode(turn: Turn, upstreamModel = "deepseek-chat") {
  const encoded = encodeChat(turn, { ...ENCODE_OPTIONS, upstreamModel });
  expect(chatFault(encoded.body)).toBeNull();
  return encoded;
}
const hello = { role: "user", content: "Hello" };
const message = (body: JsonObject, model?: string) =>
  encode(decodeMessages({ messages: [hello], ...body }), model);
const response = (body: JsonObject, model?: string) =>
  encode(decodeResponses({ input: "Hello", ...body }), model);
const tools = [
  { name: "f", input_schema: { type: "object", properties: { a: { $ref: "#/x" } } }, strict: true },
];

test("arguments that are no JSON go back as a text of their own, and others as they were", () => {
  const sent = (args: string) => {
    const { body } = response({
      input: [
        { type: "function_call", call_id: "a", name: "f", arguments: args },
        { type: "function_call_output", call_id: "a", output: "b" },
      ],
    });
    return Object(body).messages[0].tool_calls[0].function.arguments;
  };
  expect(sent("{bad")).toBe('{"input":"{bad"}');
  expect(sent('{ "a": 1.0 }')).toBe('{ "a": 1.0 }');
});

test("what is said between calls and their results follows the results", () => {
  const call = (id: string) => ({ type: "tool_use", id, name: "f", input: {} });
  const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: id });
  const { body } = message({
    messages: [
      hello,
      { role: "assistant", content: [call("a"), call("b")] },
      { role: "system", content: "Be brief." },
      { role: "user", content: [result("a")] },
      { role: "system", content: "Be kind." },
      { role: "user", content: [result("b"), { type: "text", text: "Well?" }] },
      { role: "assistant", content: "Yes." },
      { role: "system", content: "Be done." },
      hello,
    ],
  });
  const said = Object(body).messages.map(({ role, content }: JsonObject) => [role, content]);
  expect(said.slice(2)).toEqual([
    ["tool", "a"],
    ["tool", "b"],
    ["system", "Be brief."],
    ["system", "Be kind."],
    ["user", "Well?"],
    ["assistant", "Yes."],
    ["system", "Be done."],
    ["user", "Hello"],
  ]);
});

test("the signature of a Gemini model's call goes back with it, to the credentials that it is good for", () => {
  const thinking = (scope: string) => ({
    type: "thinking",
    thinking: "",
    signature: `tg1.google.${scope}.c2ln`,
  });
  const call = (id: string) => ({ type: "tool_use", id, name: "f", input: {} });
  const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "a" });
  const asked = (scope: string) => ({
    model: "m",
    max_tokens: 9,
    tools: [{ name: "f", input_schema: { type: "object" } }],
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: [thinking(scope), call("a"), call("b")] },
      { role: "user", content: [result("a"), result("b")] },
    ],
  });
  const own = sentBy("messages", "chat", "gemini-3.8-flash", asked(scopeOf(PROVIDER_ID)));
  expect(own.dropped).toEqual([]);
  expect(own.sent.messages).toMatchObject([
    {},
    { tool_calls: [{ id: "a", extra_content: { google: { thought_signature: "c2ln" } } }, { id: "b" }] },
    {},
    {},
  ]);
  expect(JSON.stringify(own.sent).match(/extra_content/g)).toHaveLength(1);
  for (const [model, scope] of [
    ["gemini-3.8-flash", "abcdefgh"],
    ["deepseek-chat", scopeOf(PROVIDER_ID)],
  ] as const) {
    const { sent, dropped } = sentBy("messages", "chat", model, asked(scope));
    expect(JSON.stringify(sent)).not.toContain("extra_content");
    expect(dropped).toEqual(["messages[1].content[0]"]);
  }
});

describe("a request for a server of chat completions", () => {
  test("has the bound under the provider's name for it", () => {
    expect(message({}).body).toMatchObject({ max_tokens: 10_000 });
  });

  test("asks a stream for its usage where the provider takes that", () => {
    const options = {
      upstreamModel: "m",
      stream: true,
      maxTokens: null,
      defaultMaxTokens: 1,
      reasoningLimitTokens: null,
      outputLimitField: "max_tokens",
      accepts: () => false,
    };
    const turn = decodeMessages({ messages: [hello] });
    expect(encodeChat(turn, { ...options, streamUsage: true }).body.stream_options).toEqual({
      include_usage: true,
    });
    expect(encodeChat(turn, { ...options, streamUsage: false }).body.stream_options).toBeUndefined();
  });

  test("keeps the schema of a tool as it is, and every choice", () => {
    expect(message({ tools }).body.tools).toEqual([
      { type: "function", function: { name: "f", parameters: tools[0]?.input_schema, strict: true } },
    ]);
    const choices = [
      [{ type: "auto" }, "auto"],
      [{ type: "any" }, "required"],
      [{ type: "none" }, "none"],
      [
        { type: "tool", name: "f", disable_parallel_tool_use: true },
        { type: "function", function: { name: "f" } },
      ],
    ];
    for (const [tool_choice, said] of choices)
      expect(message({ tools, tool_choice }).body.tool_choice).toEqual(said);
    expect(message({ tools, tool_choice: choices[3]?.[0] }).body.parallel_tool_calls).toBe(false);
    expect(message({ tool_choice: { type: "none" } }).body.tool_choice).toBeUndefined();
  });

  test("has the system's words wherever they are", () => {
    const messages = [
      hello,
      { role: "assistant", content: "Hi." },
      { role: "system", content: "Be brief." },
      hello,
    ];
    expect(message({ messages }).body.messages).toMatchObject([
      {},
      {},
      { role: "system", content: "Be brief." },
      {},
    ]);
  });

  test("has documents as files or as texts, and refuses an address", () => {
    const pdf = { type: "base64", media_type: "application/pdf", data: "AAAA" };
    const text = { type: "text", media_type: "text/plain", data: "Words." };
    const content = [
      { type: "document", source: pdf, title: "a.pdf" },
      { type: "document", source: text, title: "b" },
    ];
    expect(message({ messages: [{ role: "user", content }] }).body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } },
          { type: "text", text: "b\n\nWords." },
        ],
      },
    ]);
    const url = { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } };
    const { refused } = message({
      messages: [{ role: "user", content: [{ type: "text", text: "a" }, url] }],
    });
    expect(refused.map(({ at }) => at)).toEqual(["messages[0].content[1]"]);
  });

  test("shortens long ids of calls, the same in a call and its result", () => {
    const id = `toolu_${"x".repeat(60)}`;
    const messages = [
      hello,
      { role: "assistant", content: [{ type: "tool_use", id, name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "done" }] },
    ];
    const { body } = message({ messages, tools });
    expect(body.messages).toMatchObject([
      {},
      { tool_calls: [{ id: expect.stringMatching(/^.{1,40}$/) }] },
      { role: "tool" },
    ]);
  });

  test("has a schema for its answer", () => {
    const format = { type: "json_schema", name: "n", schema: { type: "object" }, strict: true };
    expect(response({ text: { format } }).body.response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "n", schema: { type: "object" }, strict: true },
    });
  });

  test.each([
    ["gpt-5.2", { thinking: { type: "enabled", budget_tokens: 2_000 } }, "low"],
    ["gpt-oss-120b", { output_config: { effort: "max" } }, "high"],
    ["o4-mini", { output_config: { effort: "medium" } }, "medium"],
    ["gpt-4o", { output_config: { effort: "medium" } }, undefined],
    ["llama-3.3-70b", { thinking: { type: "adaptive" } }, undefined],
  ])("tells %s to reason by %j as it takes it", (model, asked, effort) => {
    const { body, dropped } = message(asked, model);
    expect(body.reasoning_effort).toBe(effort);
    expect(dropped.length > 0).toBe(effort === undefined);
  });

  test("leaves settings of the sampling out for OpenAI's reasoning models, which refuse stop sequences", () => {
    const asked = { temperature: 0.5, top_p: 0.9, stop_sequences: ["a"] };
    const { dropped, refused } = message(asked, "openai/gpt-5");
    expect(dropped).toEqual(["temperature", "top_p"]);
    expect(refused.map(({ at }) => at)).toEqual(["stop_sequences"]);
    expect(message(asked, "gpt-5-chat-latest").body).toMatchObject({ temperature: 0.5, stop: ["a"] });
    expect(message({ stop_sequences: ["a", "b", "c", "d", "e"] }).refused).toHaveLength(1);
  });

  test("has verbosity and a cache key for OpenAI's models alone", () => {
    const asked = { text: { verbosity: "low" }, prompt_cache_key: "k" };
    expect(response(asked, "gpt-5").body).toMatchObject({ verbosity: "low", prompt_cache_key: "k" });
    expect(response(asked).dropped).toEqual(["text.verbosity", "prompt_cache_key"]);
  });
});
