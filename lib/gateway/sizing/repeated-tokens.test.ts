import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_REPEATS } from "#lib/dialects/call";
import { chat } from "#lib/dialects/chat/dialect";
import { repeatsIn } from "#lib/dialects/conversation/repeats";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { testModel } from "#lib/gateway/testing/test-model";
import { quickestMs } from "#lib/testing/promptness";
import { type TemplateForm, writtenRepeatedly } from "#lib/testing/upstream/repeating-template";
import { inputTokenBound } from "./estimate";
import { countedInputBound } from "./spending-bound";

/** DeepSeek 3.2's is the longest text that comes with each copy of the tools; Apriel's, of those without tools. */
const promptTokens = { always: 80, withTools: 400 };
const worst: TemplateForm = {
  promptTokens,
  toolsWith: "all of these",
  namesWithResult: 2,
  listsTools: false,
  isEscaped: false,
};
const escaping: TemplateForm = { ...worst, namesWithResult: 1, isEscaped: true };
const listing: TemplateForm = { ...worst, listsTools: true };
const open = testModel(null, "some-open-model");
const giga = testModel(null, "ai-sage/GigaChat3.5");

const boundOf = (body: object, model = open) => inputTokenBound(chat.parse(JSON.stringify(body)), model);
const countedOf = (body: object, model = open) =>
  countedInputBound(chat, chat.parse(JSON.stringify(body)), model, Number.MAX_SAFE_INTEGER);

const name = fc.oneof(
  fc.stringMatching(/^[a-z]{1,12}$/),
  fc.integer({ min: 1, max: 300 }).map((length) => "7".repeat(length)),
  fc.constantFrom("&".repeat(50), '"'.repeat(50), "<'>".repeat(30), "名前".repeat(20), "a b\nc"),
);
const id = fc.constantFrom("a", "b", "call_0123456789", '&"'.repeat(20));
const content = fc.oneof(
  fc.constantFrom("", "x", "Go on.", "two\nlines"),
  fc.constantFrom(
    [{ type: "text", text: "Go on." }],
    [
      { type: "text", text: "two" },
      { type: "text", text: "lines" },
    ],
  ),
);
const call = fc.record({
  id,
  type: fc.constant("function"),
  function: fc.record({ name, arguments: fc.constantFrom("{}", '{"a":"b"}') }),
});
const message = fc.oneof(
  fc.record(
    { role: fc.constantFrom("system", "developer", "user"), content, name },
    { requiredKeys: ["role", "content"] },
  ),
  fc.record({ role: fc.constant("user"), content }),
  fc.record({
    role: fc.constant("assistant"),
    content,
    tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ role: fc.constant("tool"), content, tool_call_id: id }),
);
const tool = fc.record({
  type: fc.constant("function"),
  function: fc.record({ name, description: fc.constantFrom("", "What it does. ".repeat(9)) }),
});
const body = fc.record(
  {
    model: fc.constant("m"),
    messages: fc.array(message, { minLength: 1, maxLength: 30 }),
    tools: fc.array(tool, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ["model", "messages"] },
);

describe("what a template repeats and escapes is held for, whatever the body", () => {
  test.each([
    ["names, tools and prompts", worst, open],
    ["escapes", escaping, open],
    ["lists of tools", listing, giga],
  ])("%s, by bytes and by counting", async (_, form, model) => {
    await fc.assert(
      fc.asyncProperty(body, async (given: JsonObject) => {
        const tokens = Buffer.byteLength(writtenRepeatedly(given, form));
        expect(boundOf(given, model)).toBeGreaterThanOrEqual(tokens);
        // As counted, common words are fewer tokens than bytes; here each byte is one.
        expect(await countedOf(given, model)).toBeGreaterThanOrEqual(tokens - commonWordBytes(given));
      }),
      { numRuns: 300 },
    );
  });
});

/** Of descriptions, the only prose in these bodies, in all copies of it. */
const commonWordBytes = (given: JsonObject): number =>
  Array.isArray(given.tools) ? given.tools.filter((each) => isObject(each)).length * 126 : 0;

describe("a body costs more to hold by what a template multiplies", () => {
  const user = { role: "user", content: "x" };
  const long = "7".repeat(2_000);
  const calling = (given: string, callId = "a") => ({
    role: "assistant",
    content: "",
    tool_calls: [{ id: callId, type: "function", function: { name: given, arguments: "{}" } }],
  });
  const result = (callId = "a") => ({ role: "tool", tool_call_id: callId, content: "" });
  const times = (count: number, each: object) => Array.from({ length: count }, () => each);
  const tools = [{ type: "function", function: { name: "f", description: "7".repeat(3_000) } }];

  test.each<[string, object, number]>([
    ["a name per result", { messages: [user, calling(long), ...times(100, result())] }, 2 * 100 * 2_000],
    [
      "the last call's name, if an id is unknown",
      { messages: [user, calling(long), ...times(100, result("b"))] },
      2 * 100 * 2_000,
    ],
    [
      "the longest name of an id",
      { messages: [user, calling(long), calling("f"), ...times(100, result())] },
      2 * 100 * 2_000,
    ],
    [
      "the tools per system message",
      { messages: [...times(20, { role: "system", content: "" }), user], tools },
      19 * 3_000,
    ],
    [
      "the tools per developer message",
      { messages: [user, ...times(20, { role: "developer", content: "" })], tools },
      20 * 3_000,
    ],
    ["the tools per equal message of a user", { messages: times(20, user), tools }, 19 * 3_000],
    [
      "the tools per equal message of a user, written as parts and with other fields",
      {
        messages: [...times(19, { role: "user", name: "a", content: [{ type: "text", text: "x" }] }), user],
        tools,
      },
      19 * 3_000,
    ],
    [
      "the hidden prompt per system message",
      { messages: [...times(500, { role: "system", content: "" }), user] },
      499 * 100,
    ],
    ["the escapes of a name", { messages: [{ ...user, name: "&".repeat(10_000) }] }, 5 * 10_000],
    [
      "the schema per system message",
      {
        messages: [...times(20, { role: "system", content: "" }), user],
        response_format: {
          type: "json_schema",
          json_schema: { name: "a", schema: { description: "7".repeat(3_000) } },
        },
      },
      19 * 3_000,
    ],
  ])("%s", async (_, fields, least) => {
    expect(boundOf({ model: "m", ...fields })).toBeGreaterThan(least);
    expect(await countedOf({ model: "m", ...fields })).toBeGreaterThan(least);
  });

  test("up to the context window", () => {
    const fields = { model: "m", messages: [user, calling(long), ...times(100, result())] };
    expect(boundOf(fields, testModel(131_072, "some-open-model"))).toBe(131_072);
  });

  test("but not one with the name of another call", () => {
    const messages = [user, calling(long), result(), calling("f", "b"), ...times(100, result("b"))];
    expect(boundOf({ model: "m", messages })).toBeLessThan(3 * 2_000 + 12_000);
  });

  test("names of results for every provider, and nothing else for closed models", () => {
    const named = { model: "m", messages: [user, calling("get_weather"), ...times(10, result())] };
    const closed = testModel(null, "gpt-4o");
    const bytes = Buffer.byteLength(JSON.stringify(named));
    expect(boundOf(named, closed)).toBe(bytes + 12 * 8 + 10 * "get_weather".length);
    const repeated = { model: "m", messages: times(20, user), tools };
    expect(boundOf(repeated, closed)).toBe(Buffer.byteLength(JSON.stringify(repeated)) + 20 * 8);
  });

  test("a tool that a proxy makes of response_format for Claude", () => {
    const plain = { model: "m", messages: [user] };
    const claude = testModel(null, "anthropic/claude-sonnet-4-20250514");
    for (const type of ["json_object", "json_schema"]) {
      const formed = { ...plain, response_format: { type } };
      // 313 tokens explain tools to a model that must use one, and some 45 are the tool.
      expect(boundOf(formed, claude)).toBeGreaterThan(boundOf(plain, claude) + 313 + 45);
    }
    expect(boundOf({ ...plain, response_format: { type: "text" } }, claude)).toBeLessThan(200);
  });

  test("a dummy tool that a proxy adds to earlier calls without tools", () => {
    const claude = testModel(null, "bedrock/anthropic.claude-3-5-haiku-20241022-v1:0");
    for (const earlier of [calling("f"), result()]) {
      const body = { model: "m", messages: [user, earlier, user] };
      // 346 tokens explain tools, and some 60 are the tool.
      expect(boundOf(body, claude)).toBeGreaterThan(JSON.stringify(body).length + 346 + 60);
    }
  });

  test("and 24 000 such messages take milliseconds", async () => {
    const messages: JsonObject[] = [user, calling("f"), result()].flatMap((each) => Array(8_000).fill(each));
    // 3 ms alone.
    expect(await quickestMs(() => repeatsIn(messages, { tools }, 3_000), 10)).toBeLessThan(60);
  });
});

describe("a turn costs more at a model whose template adds to it", () => {
  const times = (count: number, each: object) => Array.from({ length: count }, () => each);
  const tools = [{ type: "function", function: { name: "f" } }];

  test.each<[string, string, number, object]>([
    ["a reminder after each message of a user", "command-r:35b", 150, { role: "user", content: "x" }],
    [
      "an object around each result",
      "CohereLabs/c4ai-command-r7b-12-2024",
      110,
      { role: "tool", tool_call_id: "0", content: "" },
    ],
  ])("%s", (_, upstreamModel, tokens, each) => {
    const model = testModel(null, upstreamModel);
    const added = boundOf({ model: "m", messages: times(101, each), tools }, model);
    const once = boundOf({ model: "m", messages: times(1, each), tools }, model);
    expect(added - once).toBeGreaterThan(100 * tokens);
  });
});

describe("an ordinary agent's body", () => {
  const agentTools = Array.from({ length: 10 }, (_, at) => ({
    type: "function",
    function: {
      name: `tool_number_${at}`,
      description:
        "Reads a file. The path must be absolute. Reads up to 2000 lines from the beginning.\n".repeat(6),
      parameters: {
        type: "object",
        properties: {
          path: { type: "string", description: "The path of the file to read" },
          offset: { type: "number", description: "The line to start from" },
        },
        required: ["path"],
      },
    },
  }));
  const turns = Array.from({ length: 40 }, (_, at) => {
    const callId = `call_${at}_abcdefghijklmno`;
    const given = JSON.stringify({ path: `/home/user/project/src/file${at}.ts`, offset: at });
    return [
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: callId, type: "function", function: { name: `tool_number_${at % 10}`, arguments: given } },
        ],
      },
      { role: "tool", tool_call_id: callId, content: "ok" },
    ];
  }).flat();
  const agent = {
    model: "m",
    messages: [
      { role: "system", content: "You are a coding agent. ".repeat(200) },
      { role: "user", content: "Fix the failing test, please." },
      ...turns,
    ],
    tools: agentTools,
  };

  test.each(["llama-3.3-70b", "deepseek-ai/DeepSeek-V3.2", "openai/gpt-oss-120b", "gpt-4o"])(
    "is held at most a tenth higher for it: %s",
    async (upstreamModel) => {
      const model = testModel(1_000_000, upstreamModel);
      const parsed = chat.parse(JSON.stringify(agent));
      const without = { ...parsed, growth: { ...parsed.growth, repeats: NO_REPEATS } };
      expect(inputTokenBound(parsed, model)).toBeLessThan(1.1 * inputTokenBound(without, model));
      const counted = await countedInputBound(chat, parsed, model, Number.MAX_SAFE_INTEGER);
      expect(counted).toBeLessThan(
        1.1 * (await countedInputBound(chat, without, model, Number.MAX_SAFE_INTEGER)),
      );
    },
  );
});
