import { readFileSync } from "node:fs";
import fc from "fast-check";
import { countTokens as cl100kTokens } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200kTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import type { Dialect } from "#lib/dialects/dialect";
import { png } from "#lib/dialects/media/testing/media-files";
import { messages } from "#lib/dialects/messages/dialect";
import { responses } from "#lib/dialects/responses/dialect";
import type { Route } from "#lib/gateway/routing/routing";
import { testRoute } from "#lib/gateway/testing/test-model";
import { type TemplateForm, writtenRepeatedly } from "#lib/testing/upstream/repeating-template";
import { chargedInputTokens, isFarAboveLikely } from "./charged-input";
import { inputTokenBound } from "./estimate";
import { mayExceedEstimate } from "./image-tokens";

const asPlainText = { disallowedSpecial: new Set<string>() };
const o200k = (text: string) => o200kTokens(text, asPlainText);
const cl100k = (text: string) => cl100kTokens(text, asPlainText);
/** Qwen's tokenizer, which was made from cl100k: each digit is a token (arxiv.org/abs/2309.16609). */
const qwen = (text: string) =>
  [...text.matchAll(/\d+|\D+/g)].reduce(
    (sum, [run]) => sum + (/^\d/.test(run) ? run.length : cl100k(run)),
    0,
  );

/** A route at a server that no proxy writes Markdown for. */
function routeTo(upstreamModel: string): Route {
  const route = testRoute(upstreamModel);
  return { ...route, target: { ...route.target, baseUrl: "https://api.together.xyz/v1" } };
}

/** What is charged and held for a body, and whether its answer is read to the report instead. */
async function judged(dialect: Dialect, model: string, body: object) {
  const call = dialect.parse(JSON.stringify({ model: "m", ...body }));
  const routes = [routeTo(model)];
  const [route = routeTo(model)] = routes;
  return {
    charged: await chargedInputTokens(dialect, call, route),
    held: inputTokenBound(call, { routes, contextWindow: null }),
    isReadOn: isFarAboveLikely(call, routes),
  };
}

const say = (content: unknown, fields: object = {}) => ({ messages: [{ role: "user", content }], ...fields });
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const tool = (description: string, parameters: object = { type: "object", properties: {} }) => ({
  type: "function",
  function: { name: "f", description, parameters },
});

/** What stands around a single message in the templates of their makers (huggingface.co). */
const QWEN_SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";
const qwenPrompt = (text: string, tools: readonly object[] = []) =>
  `<|im_start|>system\n${QWEN_SYSTEM}${tools.length === 0 ? "" : `\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n${tools.map(asPython).join("\n")}\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>`}<|im_end|>\n<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
const harmonyPrompt = (text: string) =>
  `<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: 2024-06\nCurrent date: 2026-11-30\n\nReasoning: medium\n\n# Valid channels: analysis, commentary, final. Channel must be included for every message.<|end|><|start|>user<|message|>${text}<|end|><|start|>assistant`;
/** As Python writes JSON. */
const asPython = (value: unknown) => JSON.stringify(value, null, 1).replace(/\n */g, " ");
/** As minijinja writes it: safe in HTML, and numbers with all their digits. */
const asMinijinja = (value: unknown) =>
  JSON.stringify(value)
    .replace(/[<>&']/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
    .replace(/1e\+300/g, `1${"0".repeat(300)}`);
const CONTROL_TOKEN = /<\|\w+\|>/g;
const tokensOf = (count: (text: string) => number, prompt: string) =>
  prompt.split(CONTROL_TOKEN).reduce((sum, text) => sum + 1 + count(text), -1);

const pictures = (count: number, width: number, height: number) =>
  times(count, { type: "image_url", image_url: { url: `data:image/png;base64,${png(width, height)}` } });
const DIGITS = "3141592653589793".repeat(200);
const SIGNS = tool("<&'>".repeat(100));
const GEORGIAN = tool("", {
  type: "object",
  properties: Object.fromEntries(times(40, 0).map((_, at) => [`საქართველო${at}`, { type: "string" }])),
});
const NUMBERS = tool("", { type: "object", properties: { p: { enum: times(20, 1e300) } } });

describe("what is charged after a hang-up", () => {
  test.each<[string, Dialect, string, object, number]>([
    [
      "a template's system prompt",
      chat,
      "Qwen/Qwen2.5-72B-Instruct",
      say("hi"),
      tokensOf(qwen, qwenPrompt("hi")),
    ],
    ["harmony's", chat, "openai/gpt-oss-120b", say("hi"), tokensOf(o200k, harmonyPrompt("hi"))],
    ["digits in a chat", chat, "Qwen/Qwen3-32B", say(DIGITS), DIGITS.length],
    ["digits in a message", messages, "Qwen/Qwen3-32B", say(DIGITS, { max_tokens: 1 }), DIGITS.length],
    ["digits in a response", responses, "Qwen/Qwen3-32B", { input: DIGITS }, DIGITS.length],
    [
      "digits in many messages",
      chat,
      "deepseek-chat",
      { messages: times(99, { role: "user", content: "7" }) },
      99 * 5,
    ],
    // 256 patches at least, a start and an end (huggingface.co/Qwen/Qwen2.5-VL-7B-Instruct, min_pixels).
    ["tiny pictures", chat, "Qwen/Qwen2.5-VL-72B-Instruct", say(pictures(9, 2, 2)), 9 * 258],
    ["narrow pictures", chat, "Qwen/Qwen2.5-VL-72B-Instruct", say(pictures(9, 1, 199)), 9 * 454],
    // A tile, and what each picture has besides (platform.openai.com/docs/guides/images-vision).
    ["tiny pictures", chat, "gpt-5.1", say(pictures(9, 2, 2)), 9 * (70 + 140)],
    ["small pictures", chat, "gemini-flash-latest", say(pictures(9, 300, 300)), 9 * 1_120],
    ["pictures", chat, "o4-mini", say(pictures(9, 1_024, 1_024)), 9 * 1_761],
    ["large pictures", chat, "gpt-5.1", say(pictures(9, 2_000, 2_000)), 9 * (85 + 4 * 170)],
    [
      "instructions for tools",
      chat,
      "Qwen/Qwen3-32B",
      say("hi", { tools: [tool("x")] }),
      tokensOf(qwen, qwenPrompt("hi", [tool("x")])),
    ],
    ...[SIGNS, GEORGIAN, NUMBERS].map((given): [string, Dialect, string, object, number] => [
      `escapes, names and numbers of ${asPython(given).slice(0, 99)}`,
      chat,
      "Qwen/Qwen3-32B",
      say("hi", { tools: [given] }),
      qwen(asMinijinja(given)) + tokensOf(qwen, qwenPrompt("hi", [])),
    ]),
  ])("covers what is billed, within what is held: %s", async (_, dialect, model, body, billed) => {
    const { charged, held, isReadOn } = await judged(dialect, model, body);
    if (!isReadOn) expect(Math.min(charged, held)).toBeGreaterThanOrEqual(billed);
    expect(held).toBeGreaterThanOrEqual(billed);
  });

  const turns = times(120, [
    { role: "user", content: "x" },
    { role: "assistant", content: "y" },
  ]).flat();
  test.each([
    [
      "tools with each of equal messages",
      "mistralai/Mistral-7B-Instruct-v0.3",
      {
        messages: [...turns, { role: "user", content: "x" }],
        tools: [tool("word and word again ".repeat(50))],
      },
    ],
    [
      "nested lists, indented",
      "meta-llama/Llama-3.3-70B-Instruct-Turbo",
      say("hi", {
        tools: [tool("x", { type: "object", properties: { p: { enum: times(800, [1, [2]]) } } })],
      }),
    ],
  ])("is the report where it may be far more: %s", async (_, model, body) => {
    expect((await judged(chat, model, body)).isReadOn).toBe(true);
    expect((await judged(chat, "gpt-4o", body)).isReadOn).toBe(false);
  });

  const sized = { width: 32, height: 32, detail: null };
  const unsized = { width: null, height: null, detail: null };
  test.each([
    ["moonshotai/Kimi-K2.5", sized, true],
    ["grok-4.3", sized, true],
    ["gpt-4o", sized, false],
    ["gpt-4o", unsized, true],
    ["gpt-4.1-mini", unsized, true],
    ["claude-sonnet-4-5", sized, false],
  ])("a picture for %s of size %j may be far more than it is estimated at: %s", (model, image, isFar) => {
    expect(mayExceedEstimate(model, image)).toBe(isFar);
  });

  const NEVER: TemplateForm = {
    promptTokens: { always: 60, withTools: 0 },
    toolsWith: "none",
    namesWithResult: 1,
    listsTools: false,
    isEscaped: false,
  };
  const FORMS: [string, TemplateForm, (text: string) => number][] = [
    ["Qwen/Qwen3-32B", NEVER, qwen],
    ["openai/gpt-oss-120b", NEVER, o200k],
    ["moonshotai/Kimi-K3", { ...NEVER, isEscaped: true }, cl100k],
    [
      "deepseek-ai/DeepSeek-V3.2",
      { ...NEVER, toolsWith: "developer", promptTokens: { always: 0, withTools: 370 } },
      o200k,
    ],
    ["mistralai/Mistral-7B-Instruct-v0.3", { ...NEVER, toolsWith: "equal users" }, qwen],
    ["meta-llama/Llama-3.3-70B-Instruct", NEVER, cl100k],
  ];
  const unit = fc.constantFrom(
    "7",
    "word ",
    "<",
    '"',
    "\n",
    "ქართული ",
    " schizophrenia",
    "    ",
    "é",
    "=>",
    "A1b2",
  );
  const text = fc.tuple(unit, fc.integer({ min: 0, max: 300 })).map(([each, count]) => each.repeat(count));
  const name = fc.oneof(
    fc.constantFrom("f", "get_weather", "&".repeat(60)),
    fc.integer({ min: 1, max: 99 }).map((length) => "7".repeat(length)),
  );
  const calling = (given: string) => ({
    role: "assistant",
    content: "",
    tool_calls: [{ id: "a", type: "function", function: { name: given, arguments: "{}" } }],
  });
  const message = fc.oneof(
    fc.record({ role: fc.constantFrom("user", "assistant", "system", "developer"), content: text }),
    name.map(calling),
    text.map((content) => ({ role: "tool", tool_call_id: "a", content })),
  );
  const hostile = fc.record(
    {
      messages: fc
        .array(fc.tuple(fc.integer({ min: 1, max: 20 }), message), { minLength: 1, maxLength: 5 })
        .map((groups) => groups.flatMap(([count, each]) => times(count, each))),
      tools: fc.array(
        fc
          .tuple(text, text)
          .map(([about, property]) =>
            tool(about, { type: "object", properties: { [property.slice(0, 60)]: { type: "string" } } }),
          ),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: ["messages"] },
  );

  test.each(FORMS)("covers what %s's template writes, whatever the body", async (model, form, count) => {
    await fc.assert(
      fc.asyncProperty(hostile, async (body) => {
        const { charged, held, isReadOn } = await judged(chat, model, body);
        const written = writtenRepeatedly(body, form);
        const billed = count(written.replaceAll("\u0001", ""));
        if (!isReadOn) expect(Math.min(charged, held)).toBeGreaterThanOrEqual(billed);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a text that is equal to an encrypted one", () => {
  const text = "ᚠᚢᚦᚨᚱᚲ".repeat(2_000);
  const user = { role: "user", content: text };

  test.each<[string, Dialect, object]>([
    [
      "a signature",
      messages,
      {
        max_tokens: 9,
        system: text,
        messages: [
          { role: "user", content: "hi" },
          { role: "assistant", content: [{ type: "thinking", thinking: "a", signature: text }] },
          user,
        ],
      },
    ],
    [
      "reasoning",
      responses,
      { instructions: text, input: [{ type: "reasoning", summary: [], encrypted_content: text }, user] },
    ],
  ])("is counted each time that the model reads it, beside %s", async (_, dialect, body) => {
    const { charged } = await judged(dialect, "gpt-4o", body);
    expect(charged).toBeGreaterThanOrEqual(2 * o200k(text));
    expect(charged).toBeLessThan(2.5 * o200k(text));
  });
});

/** What templates may say of tools, and write around each of ten. */
const TOKENS_OF_TEMPLATES = 2_500;

describe("an ordinary request whose client hangs up", () => {
  const code = ["end-stream", "open-stream", "admit", "place-hold", "attempt", "hedge"]
    .map((file) => readFileSync(`lib/gateway/pipeline/${file}.ts`, "utf8"))
    .join("\n");
  const prose = readFileSync("ARCHITECTURE.md", "utf8");
  const slice = (text: string, at: number, length: number) => {
    const from = (at * 1_931) % (text.length - length);
    return text.slice(from, from + length);
  };
  const parameters = {
    type: "object",
    properties: {
      file_path: { type: "string", description: "The absolute path of the file to read." },
      offset: {
        type: "number",
        description: "The line to start from, if the file is too large to read at once.",
      },
      limit: { type: "number", description: "How many lines to read." },
    },
    required: ["file_path"],
    additionalProperties: false,
  };
  const tools = times(10, tool(slice(prose, 0, 1_500), parameters));
  const args = JSON.stringify({
    file_path: "/home/ada/tollgate/lib/gateway/pipeline/attempt.ts",
    offset: 120,
  });
  const turn = (at: number) => [
    {
      role: "assistant",
      content: slice(prose, at, 200),
      tool_calls: [{ id: `call_${at}`, type: "function", function: { name: "f", arguments: args } }],
    },
    { role: "tool", tool_call_id: `call_${at}`, content: slice(code, at, 4_000) },
  ];
  const session = (turns: number) => ({
    messages: [
      { role: "system", content: slice(prose, 0, 9_000) },
      { role: "user", content: slice(prose, 1, 300) },
      ...Array.from({ length: turns }, (_, at) => turn(at)).flat(),
    ],
    tools,
  });
  const items = (turns: number) => ({
    instructions: slice(prose, 0, 9_000),
    input: Array.from({ length: turns }, (_, at) => [
      { type: "function_call", call_id: `call_${at}`, name: "f", arguments: args },
      { type: "function_call_output", call_id: `call_${at}`, output: slice(code, at, 4_000) },
    ]).flat(),
    tools: tools.map(({ function: definition }) => ({ type: "function", ...definition })),
  });
  const blocks = (turns: number) => ({
    max_tokens: 9,
    system: slice(prose, 0, 9_000),
    messages: [
      { role: "user", content: slice(prose, 1, 300) },
      ...Array.from({ length: turns }, (_, at) => [
        {
          role: "assistant",
          content: [{ type: "tool_use", id: `call_${at}`, name: "f", input: JSON.parse(args) }],
        },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: `call_${at}`, content: slice(code, at, 4_000) }],
        },
      ]).flat(),
    ],
    tools: tools.map(({ function: { name: given, description } }) => ({
      name: given,
      description,
      input_schema: parameters,
    })),
  });

  test.each(
    [
      "gpt-5.1",
      "gpt-4o",
      "openai/gpt-oss-120b",
      "Qwen/Qwen3-Coder-480B-A35B-Instruct",
      "deepseek-chat",
      "zai-org/GLM-4.6",
      "meta-llama/Llama-3.3-70B-Instruct",
    ].flatMap((model): [string, string, Dialect, object, object][] => [
      [model, "first request", chat, session(0), session(0)],
      [model, "session of an agent", chat, session(30), session(30)],
      [model, "session in responses", responses, items(30), session(30)],
      [model, "session in messages", messages, blocks(30), session(30)],
    ]),
  )(
    "is charged at most twice what %s reads of a %s, and not read on",
    async (model, _, dialect, body, asChat) => {
      const written = writtenRepeatedly(
        { ...asChat },
        {
          promptTokens: { always: 0, withTools: 0 },
          toolsWith: "none",
          namesWithResult: 0,
          listsTools: false,
          isEscaped: false,
        },
      );
      const { charged, isReadOn } = await judged(dialect, model, body);
      expect(isReadOn).toBe(false);
      expect(charged).toBeLessThanOrEqual(2 * o200k(written) + TOKENS_OF_TEMPLATES);
      expect(charged).toBeGreaterThanOrEqual(0.85 * o200k(written));
    },
  );
});
