import fc from "fast-check";
import type {
  ChatCompletionFunctionProperty as Schema,
  ChatCompletionFunctionDefinition as Tool,
} from "gpt-tokenizer/functionCalling";
import gpt4o from "gpt-tokenizer/model/gpt-4o";
import { describe, expect, test } from "vitest";
import type { Call } from "#lib/dialects/call";
import { chat as dialect } from "#lib/dialects/chat/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { countTokens } from "./count-tokens";
import { inputTokenBound } from "./estimate";
import { countedInputBound } from "./spending-bound";

type Message = { role: "system" | "user" | "assistant"; content: string; name?: string };
const asPlainText = { disallowedSpecial: new Set<string>() };
const count = (text: string) => gpt4o.countTokens(text, asPlainText);

/** What OpenAI counts, to the tokenizer's best knowledge: the texts, 3 tokens a message and 3 in all, the tools written out. */
function realCount(messages: readonly Message[], tools: readonly Tool[] = []): number {
  const real = gpt4o.countChatCompletionTokens?.({ messages: [...messages], functions: [...tools] });
  if (real === undefined) throw new Error("the tokenizer cannot count chats");
  return real;
}

function requestOf(messages: readonly Message[], tools: readonly Tool[] = []): Call {
  const body = {
    model: "gpt-4o",
    messages,
    ...(tools.length > 0 ? { tools: tools.map((tool) => ({ type: "function", function: tool })) } : {}),
  };
  return dialect.parse(JSON.stringify(body));
}

const openAi = testModel(null);

const pick = (texts: readonly string[], most: number) =>
  fc.array(fc.constantFrom(...texts), { maxLength: most }).map((parts) => parts.join(""));
const range = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((code) => String.fromCodePoint(code));
const run = (of: fc.Arbitrary<string>, most: number) =>
  fc.array(of, { maxLength: most }).map((characters) => characters.join(""));

const WORDS =
  "the of nothing there heta ext imes right been for not if ring able able's naïve Straße I'm 3.14 2026 x".split(
    " ",
  );
const texts = {
  prose: fc.array(fc.constantFrom(...WORDS), { maxLength: 300 }).map((words) => words.join(" ")),
  code: pick(
    [
      "\t",
      "\n",
      "\r\n",
      "\b",
      "\f",
      "    ",
      "{",
      "}",
      '"',
      "\\",
      "\\n",
      "=> ",
      "// ",
      "const ",
      "return",
      "==",
      ";",
      ...WORDS,
    ],
    300,
  ),
  cjk: run(range(0x4e00, 0x9fff), 900),
  kana: run(fc.oneof(range(0x3041, 0x30ff), range(0xac00, 0xd7a3)), 900),
  emoji: pick(["👍", "🏽", "👩‍👩‍👧", "🇨🇭", "❤️", "😀", "\u200d", "🦄", " "], 300),
  base64: fc.uint8Array({ maxLength: 1_200 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  whitespace: pick([" ", "  ", "\n", "\t", "\r", "\u00a0", "\u3000"], 600),
  punctuation: run(fc.constantFrom(...'!@#$%^&*()-=_+[]{};:",./<>?|~`\\'), 900),
  controlTokens: pick(["<|endoftext|>", "<|im_start|>", "<|", "|>", "system", "\n"], 100),
  repetitions: fc
    .tuple(
      fc.constantFrom("\t", "\n", "\b", " ", "", "(", '"'),
      fc.constantFrom(...WORDS),
      fc.constantFrom("", " ", "\n"),
      fc.nat(200),
    )
    .map(([before, word, after, times]) => (before + word + after).repeat(times)),
  anything: fc.string({ unit: "binary", maxLength: 300 }),
};

describe.each(Object.entries(texts))("the input bound over %s", (_, text) => {
  const messages = fc.array(
    fc.record(
      {
        role: fc.constantFrom("system" as const, "user" as const, "assistant" as const),
        content: text,
        name: text,
      },
      { requiredKeys: ["role", "content"] },
    ),
    { minLength: 1, maxLength: 4 },
  );

  test("by the body's bytes is never below the real count", () => {
    fc.assert(
      fc.property(messages, (chat) => {
        expect(inputTokenBound(requestOf(chat), openAi)).toBeGreaterThanOrEqual(realCount(chat));
      }),
    );
  });

  test("by counting stops at what fits, and else is the same", async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.double({ min: 0, max: 2, noNaN: true }), async (chat, share) => {
        const whole = await countedInputBound(dialect, requestOf(chat), openAi, Number.MAX_SAFE_INTEGER);
        const fits = Math.floor(whole * share) - 1;
        const bound = await countedInputBound(
          dialect,
          requestOf(chat),
          openAi,
          Number.MAX_SAFE_INTEGER,
          fits,
        );
        if (whole <= fits) expect(bound).toBe(whole);
        else expect(bound).toBeGreaterThan(fits);
      }),
    );
  });

  test("by counting is never below the real count, and not far above it", async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (chat) => {
        const counted = await countedInputBound(dialect, requestOf(chat), openAi, Number.MAX_SAFE_INTEGER);
        const real = realCount(chat);
        expect(counted).toBeGreaterThanOrEqual(real);
        expect(counted).toBeLessThanOrEqual(real * 1.25 + 20 * chat.length + 60);
      }),
    );
  });
});

describe("the input bound over tool schemas", () => {
  const word = fc.oneof(fc.constantFrom(...WORDS, "", "\theta", "\nothing"), fc.string({ maxLength: 12 }));
  const schema = fc.letrec<{ node: Schema }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.record(
        {
          type: fc.constant("string" as const),
          description: word,
          enum: fc.uniqueArray(word, { minLength: 1, maxLength: 200 }),
        },
        { requiredKeys: ["type"] },
      ),
      fc.record(
        {
          type: fc.constantFrom("integer" as const, "number" as const),
          description: word,
          enum: fc.uniqueArray(fc.oneof(fc.nat(9), fc.nat(120), fc.nat()), { minLength: 1, maxLength: 200 }),
        },
        { requiredKeys: ["type"] },
      ),
      fc.record({ type: fc.constantFrom("boolean" as const, "null" as const), description: word }),
      fc.record({ type: fc.constant("array" as const), items: tie("node") }),
      fc.record({
        type: fc.constant("object" as const),
        properties: fc.dictionary(word, tie("node"), { maxKeys: 8 }),
        required: fc.array(word, { maxLength: 3 }),
      }),
    ),
  })).node;
  const tools = fc.array(
    fc.record(
      {
        name: fc.constantFrom("f", "look_up", "weather.by.city"),
        description: word,
        parameters: fc.record({
          type: fc.constant("object"),
          properties: fc.dictionary(word, schema, { maxKeys: 10 }),
        }),
      },
      { requiredKeys: ["name"] },
    ),
    { minLength: 1, maxLength: 6 },
  );
  const chat: Message[] = [{ role: "user", content: "" }];

  test("by the body's bytes is never below the real count", () => {
    fc.assert(
      fc.property(tools, (given) => {
        expect(inputTokenBound(requestOf(chat, given), openAi)).toBeGreaterThanOrEqual(
          realCount(chat, given),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("by counting is never below the real count", async () => {
    await fc.assert(
      fc.asyncProperty(tools, async (given) => {
        const counted = await countedInputBound(
          dialect,
          requestOf(chat, given),
          openAi,
          Number.MAX_SAFE_INTEGER,
        );
        expect(counted).toBeGreaterThanOrEqual(realCount(chat, given));
      }),
      { numRuns: 300 },
    );
  });
});

test("a text cut at spaces has as many tokens as the whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...WORDS), { maxLength: 400 }), async (words) => {
      const text = words.join(" ");
      expect(await countTokens([text])).toBe(count(text));
    }),
  );
});
