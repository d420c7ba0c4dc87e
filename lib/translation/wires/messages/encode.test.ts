import { describe, expect, test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { decodeChat } from "#lib/translation/clients/chat/decode";
import { sealedEnvelope } from "#lib/translation/envelope";
import { messagesFault } from "#lib/translation/testing/messages/strict";
import { ENCODE_OPTIONS } from "#lib/translation/testing/translate";
import { encodeMessages } from "./encode";

const encode = (body: JsonObject, upstreamModel = "claude-opus-4-6", maxTokens: number | null = 10_000) => {
  const encoded = encodeMessages(decodeChat(body), {
    ...ENCODE_OPTIONS,
    upstreamModel,
    maxTokens,
    accepts: ({ maker }) => maker === "anthropic",
  });
  expect(messagesFault(encoded.body)).toBeNull();
  return encoded;
};
const hello = { role: "user", content: "Hello" };
const called = (...ids: string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "f", arguments: "{}" } })),
});
const tools = [{ type: "function", function: { name: "f", description: "F.", strict: true } }];

describe("a request for Claude", () => {
  test("has a bound always, which it requires", () => {
    expect(encode({ messages: [hello] }, "claude-opus-4-6", null).body.max_tokens).toBe(4_096);
  });

  test("has the system's later words from the user, and begins with the user", () => {
    const { body } = encode({
      messages: [
        { role: "system", content: "Be kind." },
        { role: "assistant", content: "Hi." },
        { role: "developer", content: "Be brief." },
        hello,
      ],
    });
    expect(body.system).toEqual([{ type: "text", text: "Be kind." }]);
    expect(body.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "Continue." }] },
      { role: "assistant", content: [{ type: "text", text: "Hi." }] },
      {
        role: "user",
        content: [
          { type: "text", text: "<system>Be brief.</system>" },
          { type: "text", text: "Hello" },
        ],
      },
    ]);
  });

  test("has the tools that were called, and calls none, where it has no tools of its own", () => {
    const result = { role: "tool", tool_call_id: "1", content: "Rain" };
    const { body } = encode({ messages: [hello, called("1"), result], parallel_tool_calls: false });
    expect(body.tools).toEqual([{ name: "f", input_schema: { type: "object", properties: {} } }]);
    expect(body.tool_choice).toEqual({ type: "none" });
    expect(encode({ messages: [hello] }).body.tools).toBeUndefined();
  });

  test("has results before all else in their turn, under ids that the API takes", () => {
    const { body } = encode({
      tools,
      messages: [
        hello,
        called("a.1", "a_1"),
        { role: "tool", tool_call_id: "a_1", content: "two" },
        hello,
        { role: "tool", tool_call_id: "a.1", content: "" },
      ],
    });
    expect(body.messages).toMatchObject([
      {},
      { content: [{ id: "a_1" }, { id: "a_1_2" }] },
      {
        content: [
          { type: "tool_result", tool_use_id: "a_1_2", content: [{ text: "two" }] },
          { type: "tool_result", tool_use_id: "a_1" },
          { type: "text", text: "Hello" },
        ],
      },
    ]);
  });

  test("has pictures and documents by their data or their address, and no recordings", () => {
    const parts = [
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" } },
      { type: "file", file: { filename: "a.txt", file_data: "data:text/plain;base64,SGkh" } },
    ];
    const { body } = encode({ messages: [{ role: "user", content: parts }] });
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
          {
            type: "document",
            title: "a.pdf",
            source: { type: "base64", media_type: "application/pdf", data: "BBBB" },
          },
          {
            type: "document",
            title: "a.txt",
            source: { type: "text", media_type: "text/plain", data: "Hi!" },
          },
        ],
      },
    ]);
    const audio = { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } };
    const { refused } = encode({
      messages: [{ role: "user", content: [{ type: "text", text: "a" }, audio] }],
    });
    expect(refused.map(({ at }) => at)).toEqual(["messages[0].content[1]"]);
  });

  test("keeps cache marks", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const { body } = encode({
      messages: [{ role: "user", content: [{ type: "text", text: "a", cache_control }] }],
      tools: [{ ...tools[0], cache_control: { type: "ephemeral" } }],
    });
    expect(body).toMatchObject({
      messages: [{ content: [{ cache_control }] }],
      tools: [{ cache_control: { type: "ephemeral" } }],
    });
  });

  test.each([
    ["auto", { type: "auto", disable_parallel_tool_use: true }],
    ["none", { type: "none" }],
    ["required", { type: "any", disable_parallel_tool_use: true }],
    [
      { type: "function", function: { name: "f" } },
      { type: "tool", name: "f", disable_parallel_tool_use: true },
    ],
  ])("says the choice %j of a tool, and calls none in parallel where that is asked", (tool_choice, said) => {
    const { body } = encode({ messages: [hello], tools, tool_choice, parallel_tool_calls: false });
    expect(body.tool_choice).toEqual(said);
  });

  test("has an object as the schema of every tool, and is strict where the model can be", () => {
    expect(encode({ messages: [hello], tools }).body.tools).toEqual([
      {
        name: "f",
        description: "F.",
        input_schema: { type: "object", properties: {}, additionalProperties: false },
        strict: true,
      },
    ]);
    const older = encode({ messages: [hello], tools }, "claude-opus-4-1-20250805");
    expect(older.dropped).toEqual(["tools[0].function.strict"]);
  });

  test("names no properties beside those of a schema that it is bound to", () => {
    const open = { type: "object", properties: { a: { type: "string" } } };
    const schema = {
      ...open,
      properties: {
        list: { type: "array", items: open },
        either: { anyOf: [open, { type: "null" }] },
        named: { $ref: "#/$defs/named" },
        map: { type: "object", additionalProperties: { type: "string" } },
        properties: { const: { properties: { a: 1 } } },
      },
      $defs: { named: open },
    };
    const closed = { ...open, additionalProperties: false };
    const expected = {
      ...schema,
      properties: {
        ...schema.properties,
        list: { type: "array", items: closed },
        either: { anyOf: [closed, { type: "null" }] },
      },
      $defs: { named: closed },
      additionalProperties: false,
    };
    const named = { name: "f", description: "F.", parameters: schema };
    const { body } = encode({
      messages: [hello],
      tools: [
        { type: "function", function: { ...named, strict: true } },
        { type: "function", function: { ...named, name: "g" } },
      ],
      response_format: { type: "json_schema", json_schema: { name: "n", schema } },
    });
    expect(body).toMatchObject({ output_config: { format: { schema: expected } } });
    expect(body.tools).toMatchObject([{ input_schema: expected }, { input_schema: schema }]);
    expect(JSON.stringify(Object(body.tools)[1])).not.toContain('additionalProperties":false');
  });

  test("has a schema for its answer where the model keeps to one, else is refused", () => {
    const response_format = { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } };
    expect(encode({ messages: [hello], response_format }).body.output_config).toEqual({
      format: { type: "json_schema", schema: { type: "object" } },
    });
    const refusals = [
      encode({ messages: [hello], response_format }, "claude-3-7-sonnet-20250219"),
      encode({ messages: [hello], response_format: { type: "json_object" } }),
    ];
    for (const { refused } of refusals) expect(refused.map(({ at }) => at)).toEqual(["response_format"]);
  });

  test.each<[string, string, JsonObject, JsonObject]>([
    ["claude-3-5-haiku-latest", "high", {}, {}],
    ["claude-3-7-sonnet-20250219", "medium", { thinking: { type: "enabled", budget_tokens: 5_000 } }, {}],
    ["claude-haiku-4-5", "minimal", { thinking: { type: "enabled", budget_tokens: 1_024 } }, {}],
    [
      "claude-opus-4-6",
      "xhigh",
      { thinking: { type: "adaptive", display: "summarized" } },
      { effort: "high" },
    ],
    ["us.anthropic.claude-opus-4-7-v1:0", "xhigh", { thinking: { type: "adaptive" } }, { effort: "xhigh" }],
    ["claude-opus-4-10", "xhigh", { thinking: { type: "adaptive" } }, { effort: "xhigh" }],
    ["claude-sonnet-5", "minimal", { thinking: { type: "adaptive" } }, { effort: "low" }],
    ["claude-opus-4-6", "none", {}, {}],
    ["claude-opus-5", "none", { thinking: { type: "disabled" } }, {}],
    ["claude-haiku-5-5", "none", { thinking: { type: "disabled" } }, {}],
    ["claude-sonnet-5-5", "none", { thinking: { type: "between_tools" } }, {}],
    ["claude-fable-5", "none", {}, { effort: "low" }],
    ["global.anthropic.claude-opus-5-5-v1:0", "none", {}, { effort: "low" }],
    ["claude-opus-latest", "none", {}, { effort: "low" }],
  ])("asks %s for the effort %s as it takes it", (model, reasoning_effort, fields, config) => {
    const { body, dropped } = encode({ messages: [hello], reasoning_effort, temperature: 0.5 }, model);
    expect(body).toMatchObject(fields);
    expect(body.thinking === undefined).toBe(fields.thinking === undefined);
    expect(body.output_config ?? {}).toEqual(config);
    const isOff = reasoning_effort === "none";
    expect(dropped.includes("reasoning_effort")).toBe(
      isOff ? config.effort !== undefined : model.includes("haiku-latest"),
    );
    if (!isOff) expect(dropped.includes("temperature")).toBe(fields.thinking !== undefined);
  });

  test.each([
    ["claude-opus-5", []],
    ["claude-haiku-5-5", []],
    ["claude-fable-5", []],
    ["claude-fable-5-1", ["tool_choice"]],
    ["claude-opus-5-5", ["tool_choice"]],
    ["us.anthropic.claude-sonnet-5-5", ["tool_choice"]],
  ])("is refused where %s cannot be made to use a tool", (model, expected) => {
    const choices = ["required", { type: "function", function: { name: "f" } }];
    for (const tool_choice of choices) {
      const { refused } = encode({ messages: [hello], tools, tool_choice }, model);
      expect(refused.map(({ at }) => at)).toEqual(expected);
    }
    expect(encode({ messages: [hello], tools, tool_choice: "auto" }, model).refused).toEqual([]);
  });

  test("does not think where a tool must be called, or the bound leaves no room", () => {
    const asked = { messages: [hello], tools, reasoning_effort: "low" };
    expect(encode({ ...asked, tool_choice: "required" }, "claude-haiku-4-5").dropped).toContain(
      "reasoning_effort",
    );
    expect(encode(asked, "claude-haiku-4-5", 1_024).body.thinking).toBeUndefined();
  });

  test("leaves out the reasoning of other makers, and reasoning without a proof", () => {
    const seal = { maker: "google", scope: "abcdefgh", data: "c2ln" };
    const { body, dropped } = encode({
      messages: [
        hello,
        { role: "assistant", content: "a", reasoning_content: "Hm." },
        hello,
        { role: "assistant", content: "b", reasoning_details: [{ data: sealedEnvelope(seal) }] },
        hello,
      ],
    });
    expect(JSON.stringify(body)).not.toContain("thinking");
    expect(dropped).toEqual(["messages[1].reasoning_content", "messages[3].reasoning_details[0]"]);
  });

  test("has one of temperature and top_p where the model takes one, and none where it takes none", () => {
    const asked = { messages: [hello], temperature: 1.2, top_p: 0.5, top_k: 5 };
    expect(encode(asked, "claude-sonnet-4-20250514").body).toMatchObject({
      temperature: 1,
      top_p: 0.5,
      top_k: 5,
    });
    // It is lowered to the most that the API takes.
    expect(encode(asked, "claude-sonnet-4-5").dropped).toEqual(["top_p", "temperature"]);
    expect(encode(asked, "claude-opus-4-8").dropped).toEqual(["temperature", "top_p", "top_k"]);
  });

  test("names what it has no place for, and keeps custom tools as functions of a text", () => {
    const custom = {
      type: "custom",
      custom: { name: "patch", description: "P.", format: { grammar: { definition: "g" } } },
    };
    const { body, dropped } = encode({ messages: [hello], seed: 1, verbosity: "low", tools: [custom] });
    expect(dropped).toEqual(["verbosity", "seed"]);
    expect(body.tools).toMatchObject([{ name: "patch", input_schema: { required: ["input"] } }]);
  });
});
