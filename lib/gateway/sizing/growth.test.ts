import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { countTokens as r50k } from "gpt-tokenizer/encoding/r50k_base";
import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { stopwatch } from "#lib/testing/promptness";
import { translationOf } from "#lib/translation/testing/translate";
import { contextJudge } from "./context-window";
import { inputTokenBound } from "./estimate";
import { countedInputBound } from "./spending-bound";

const asPlainText = { disallowedSpecial: new Set<string>() };
const open = testModel(null, "llama-3.3-70b");

const unicodeEscapes = (text: string) =>
  text.replace(/[<>&'\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** As `tojson(indent=4)` with every escape and all digits. */
const indented = (value: unknown) =>
  unicodeEscapes(JSON.stringify(value, null, 4)).replace(/(?<=[\s[:])-?\d[\d.e+-]*(?=,?\n)/g, (given) =>
    Number.isInteger(Number(given)) ? `${BigInt(Number(given))}.0` : Number(given).toFixed(100),
  );

/** As Qwen3-Coder's template: each field in a tag of its name. */
function tagged(value: unknown): string {
  if (typeof value !== "object" || value === null) return unicodeEscapes(String(value));
  if (Array.isArray(value)) return unicodeEscapes(JSON.stringify(value));
  return Object.entries(value)
    .map(([name, field]) =>
      typeof field === "object"
        ? `\n<parameter>\n<name>${name}</name>${tagged(field)}\n</parameter>`
        : `\n<${name}>${tagged(field)}</${name}>`,
    )
    .join("");
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("<a href='/b'>", "日本", "a".repeat(60)),
);
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    text,
    fc.constantFrom(0, 1, 0.1, 1e15, 1e300, -1e-300, 5e-324, 1.7976931348623157e308),
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(text, tie("node"), { maxKeys: 4 }),
  ),
})).node;

const requestOf = (properties: unknown) => {
  const parameters = { type: "object", properties };
  return {
    tools: [{ type: "function", function: { name: "f", parameters } }],
    call: chat.parse(
      JSON.stringify({
        model: "m",
        messages: [{ role: "user", content: "Hi" }],
        tools: [{ type: "function", function: { name: "f", parameters } }],
      }),
    ),
  };
};

/** A chat in which a function was called with these arguments. */
const calledWith = (given: string, ...after: object[]) => {
  const called = { id: "1", type: "function", function: { name: "f", arguments: given } };
  const messages = [{ role: "user", content: "Hi" }, { role: "assistant", tool_calls: [called] }, ...after];
  return chat.parse(JSON.stringify({ model: "m", messages }));
};

describe("tools that a template writes out longer than they were sent", () => {
  test("are within the bound by bytes", () => {
    fc.assert(
      fc.property(fc.dictionary(text, tree, { maxKeys: 6 }), (properties) => {
        const { tools, call } = requestOf(properties);
        const bound = inputTokenBound(call, open);
        for (const written of [indented(tools), tagged(tools[0])])
          expect(bound).toBeGreaterThanOrEqual(Buffer.byteLength(written));
      }),
      { numRuns: 300 },
    );
  });

  test("are within the bound by counting", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, tree, { maxKeys: 6 }), async (properties) => {
        const { tools, call } = requestOf(properties);
        const bound = await countedInputBound(chat, call, open, Number.MAX_SAFE_INTEGER);
        for (const written of [indented(tools), tagged(tools[0])]) {
          for (const tokensOf of [o200k, cl100k, r50k])
            expect(bound).toBeGreaterThanOrEqual(tokensOf(written, asPlainText));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("are within the bound by counting where each space of an indentation is a token", async () => {
    const deep = JSON.parse(`${"[".repeat(100)}${"1,".repeat(300)}1${"]".repeat(100)}`);
    const { tools, call } = requestOf(deep);
    const bound = await countedInputBound(chat, call, open, Number.MAX_SAFE_INTEGER);
    // GPT-3's tokenizer: Phi-2 and GPT-J use it.
    expect(r50k(indented(tools), asPlainText)).toBeGreaterThan(100_000);
    expect(bound).toBeGreaterThanOrEqual(r50k(indented(tools), asPlainText));
  });

  test.each<[string, string]>([
    ["line breaks", "\n"],
    ["quotes", '"'],
    ["backslashes", "\\"],
    ["control characters", "\u0001"],
  ])("are within the bound by counting with the escapes of %s", async (_, sign) => {
    const description = sign.repeat(5_000);
    const { tools, call } = requestOf({ a: { description } });
    const bound = await countedInputBound(chat, call, open, Number.MAX_SAFE_INTEGER);
    expect(bound).toBeGreaterThanOrEqual(Buffer.byteLength(indented(tools)));
    const given = JSON.stringify({ description });
    const withCall = await countedInputBound(chat, calledWith(given), open, Number.MAX_SAFE_INTEGER);
    expect(withCall).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(given)));
  });

  const nested = JSON.parse(`${"[".repeat(150)}${"1,".repeat(2_000)}1${"]".repeat(150)}`);
  test.each<[string, unknown]>([
    ["deep nesting", nested],
    ["long numbers", { enum: Array.from({ length: 500 }, () => 1e300) }],
    ["escapes", { description: "<>&'".repeat(1_000) }],
    ["other alphabets", { description: "é".repeat(1_000) }],
    ["long names", Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`${at}~`.repeat(900), {}]))],
  ])("raise the bound by %s", (_, properties) => {
    const { tools, call } = requestOf(properties);
    expect(inputTokenBound(call, open)).toBeGreaterThan(1.4 * call.json.length);
    for (const written of [indented(tools), tagged(tools[0])])
      expect(inputTokenBound(call, open)).toBeGreaterThanOrEqual(Buffer.byteLength(written));
  });

  test("change nothing for OpenAI's models, but for numbers and comments", async () => {
    const openAi = testModel(null, "gpt-4o");
    const { call } = requestOf({ description: "<>&'".repeat(1_000) });
    expect(inputTokenBound(call, openAi)).toBe(Buffer.byteLength(call.json) + 8);
    const digits = `{"model":"m","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"enum":[${"7".repeat(3_000)}]}}}]}`;
    const counted = await countedInputBound(chat, chat.parse(digits), openAi, Number.MAX_SAFE_INTEGER);
    expect(counted).toBeGreaterThanOrEqual(o200k(digits, asPlainText));
  });

  // In the format of github.com/openai/harmony, with a comment for each line.
  test.each([
    ["empty lines", "\n".repeat(10_000), "\\n"],
    ["short lines", "a\n".repeat(5_000), "\\n"],
    ["escaped breaks", "\n".repeat(10_000), "\\u000a"],
  ])("hold for a description of many lines at OpenAI's models: %s", async (_, description, written) => {
    const openAi = testModel(null, "gpt-5");
    const { json } = requestOf({ a: { type: "object", properties: { b: { description } } } }).call;
    const call = chat.parse(json.replaceAll("\\n", written));
    const tokens = o200k(description.replaceAll("\n", "\n    // "), asPlainText);
    const counted = await countedInputBound(chat, call, openAi, Number.MAX_SAFE_INTEGER);
    expect(counted).toBeGreaterThanOrEqual(tokens);
    expect(inputTokenBound(call, openAi)).toBeGreaterThanOrEqual(tokens);
  });

  test("hold nothing for other alphabets that are escaped, at OpenAI's models", async () => {
    const { json } = requestOf({ a: { description: "\u6e21\u8f6e".repeat(500) } }).call;
    const escaped = json.replaceAll("\u6e21\u8f6e", "\\u6e21\\u8f6e");
    const [given, asAscii] = await Promise.all(
      [json, escaped].map((body) =>
        countedInputBound(chat, chat.parse(body), testModel(null, "gpt-5"), Number.MAX_SAFE_INTEGER),
      ),
    );
    expect(asAscii).toBe(given);
  });
});

describe("calls", () => {
  test("hold an argument in its longest form", async () => {
    const given = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`a${at}`, 1]));
    const written = Object.entries(given)
      .map(
        ([name, value]) => `<｜DSML｜parameter name="${name}" string="false">${value}</｜DSML｜parameter>\n`,
      )
      .join("");
    const result = { role: "tool", tool_call_id: "1", content: "" };
    const call = calledWith(JSON.stringify(given), result);
    expect(inputTokenBound(call, open)).toBeGreaterThan(Buffer.byteLength(written) * 0.9);
    const counted = await countedInputBound(chat, call, open, Number.MAX_SAFE_INTEGER);
    expect(counted).toBeGreaterThanOrEqual(o200k(written.replaceAll("｜DSML｜", "|"), asPlainText));
  });
});

describe("references in a schema", () => {
  const laughs = (levels: number) => ({
    $ref: `#/$defs/d${levels}`,
    $defs: Object.fromEntries(
      Array.from({ length: levels + 1 }, (_, at) => [
        `d${at}`,
        at === 0
          ? { type: "string", description: "lol" }
          : { anyOf: Array(10).fill({ $ref: `#/$defs/d${at - 1}` }) },
      ]),
    ),
  });

  test("are held as unfolded", () => {
    const { call } = requestOf({ a: laughs(2) });
    expect(inputTokenBound(call, open)).toBeGreaterThan(
      100 * JSON.stringify({ type: "string", description: "lol" }).length,
    );
  });

  test.each<[string, object]>([
    ["tools", { tools: requestOf({ a: laughs(9) }).tools }],
    [
      "response_format",
      { response_format: { type: "json_schema", json_schema: { name: "a", schema: laughs(9) } } },
    ],
    [
      "messages[0].content",
      { messages: [{ role: "tool", tool_call_id: "1", content: JSON.stringify(laughs(9)) }] },
    ],
  ])("hold the context window if they unfold without a bound: %s", async (param, fields) => {
    const messages = [{ role: "user", content: "Hi" }];
    const call = chat.parse(JSON.stringify({ model: "m", messages, ...fields }));
    expect(inputTokenBound(call, testModel(128_000, "gemini-2.5-pro"))).toBe(128_000);
    expect(await contextJudge(chat, call).rejection(testModel(null, "gemini-2.5-pro"))).toMatchObject({
      code: "invalid_request",
      param,
    });
  });

  test("hold nothing more for OpenAI's models, which unfold none", async () => {
    const { call } = requestOf({ a: laughs(9) });
    expect(inputTokenBound(call, testModel(null, "gpt-4o"))).toBeLessThan(4_000);
    expect(await contextJudge(chat, call).rejection(testModel(null, "gpt-4o"))).toBeNull();
  });

  test("are measured within bounds of time, however they are nested", () => {
    let nested: object = { description: "a".repeat(4_000_000), $ref: "#/$defs/a" };
    for (let level = 0; level < 60; level++) nested = { $defs: { a: nested } };
    const deep = `${"[".repeat(100_000)}"$ref"${"]".repeat(100_000)}`;
    const wide = `[${"[],".repeat(3_000_000)}"$ref"]`;
    const took = stopwatch();
    requestOf(nested);
    for (const content of [deep, wide]) {
      const messages = [{ role: "tool", tool_call_id: "1", content }];
      const call = chat.parse(JSON.stringify({ model: "m", messages }));
      expect(inputTokenBound(call, testModel(5_000, "gemini-2.5-pro"))).toBe(5_000);
    }
    expect(took()).toBeLessThan(3_000);
  });

  test("of a schema that contains itself end there", () => {
    const tree = {
      type: "object",
      properties: { left: { $ref: "#/$defs/tree" }, right: { $ref: "#/$defs/tree" } },
    };
    const { call } = requestOf({ tree: { $ref: "#/$defs/tree", $defs: { tree } } });
    expect(inputTokenBound(call, open)).toBeLessThan(4_500);
  });
});

test("what a translation writes of its own is held", async () => {
  const messages = [
    { role: "user", content: "Hi" },
    { role: "system", content: "Be brief." },
  ];
  const call = chat.parse(JSON.stringify({ model: "m", messages }));
  const plain = testModel(null, "claude-haiku-4-5");
  const translation = translationOf("chat", "messages", "claude-haiku-4-5");
  const translated = { ...plain, routes: plain.routes.map((route) => ({ ...route, translation })) };
  const own = translation.plan(call).ownBytes;
  expect(own).toBeGreaterThanOrEqual("<system></system>".length);
  expect(inputTokenBound(call, translated)).toBe(inputTokenBound(call, plain) + own);
  const counted = await countedInputBound(chat, call, plain, 10_000);
  expect(await countedInputBound(chat, call, translated, 10_000)).toBe(counted + own);
});
