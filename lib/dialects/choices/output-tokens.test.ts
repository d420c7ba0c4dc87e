import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { seenTokens } from "#lib/dialects/events/meter-usage";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { png, wav } from "#lib/dialects/media/testing/media-files";
import { choiceEvents } from "./events";
import { readWholeChoices } from "./whole";

const picture = {
  type: "image_url",
  image_url: { url: `data:image/png;base64,${png(1024, 1024, 1_500_000)}` },
};
const sound = wav(3);
const samples = Buffer.alloc(48_000 * 3, 5).toString("base64");
const prose = "The ferry came in at dawn, and no one was there to take its ropes. ".repeat(30);
const code = "for (const [at, part] of parts.entries()) total += weigh(part, at);\n".repeat(30);
const chinese = "渡轮在黎明时分进港,码头上没有人来接缆绳。".repeat(30);

async function wholeTokens(...messages: object[]): Promise<number> {
  const choices = messages.map((message, index) => ({
    index,
    finish_reason: "stop",
    message: { role: "assistant", ...message },
  }));
  return (await readWholeChoices(Buffer.from(JSON.stringify({ choices })))).outputTokens;
}

function streamedTokens(...deltas: object[]): number {
  const meter = streamMeter(choiceEvents, { passUsage: false, answers: 1 });
  for (const delta of deltas) {
    const chunk = { choices: [{ index: 0, delta, finish_reason: null }] };
    pushBytes(meter, Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`));
  }
  return seenTokens(meter);
}

describe.each([
  ["prose", prose],
  ["code", code],
  ["Chinese", chinese],
])("the tokens of an answer in %s are within 0.5 and 2 times the count", (_, text) => {
  const count = countTokens(text);
  const times = Math.ceil(1_500_000 / Buffer.byteLength(text));
  const parts = text.match(/.{1,12}/gs) ?? [];

  test.each<[string, number | Promise<number>, number?]>([
    ["a whole answer", wholeTokens({ content: text })],
    ["two answers", wholeTokens({ content: text }, { content: text }), 2],
    ["reasoning", wholeTokens({ content: "", reasoning_content: text })],
    [
      "a tool call",
      wholeTokens({ tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: text } }] }),
    ],
    ["a whole answer of 1.5 MB", wholeTokens({ content: text.repeat(times) }), times],
    ["a stream", streamedTokens(...parts.map((content) => ({ content })))],
  ])("%s", async (_form, tokens, copies = 1) => {
    const ratio = (await tokens) / copies / count;
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

test.each([
  ["runes", "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ᛫ᚠᛁᚱᚪ ".repeat(30)],
  ["single digits", "7 3 9 1 ".repeat(80)],
])("so are those of an answer whose bytes are tokens: %s", async (_, text) => {
  const parts = text.match(/.{1,12}/gs) ?? [];
  // A text alone is not parsed, and one beside another is.
  const alone = streamedTokens(...parts.map((content) => ({ content })));
  const parsed = streamedTokens(...parts.map((words) => ({ words })));
  for (const tokens of [await wholeTokens({ content: text }), alone, parsed]) {
    expect(tokens / countTokens(text)).toBeGreaterThan(0.5);
    expect(tokens / countTokens(text)).toBeLessThan(2);
  }
});

/** Where servers put what a model says. */
const PLACES: readonly (readonly [string, (text: string) => object])[] = [
  ["reasoning_content", (text) => ({ reasoning_content: text })],
  ["reasoning", (text) => ({ reasoning: text })],
  ["thinking", (text) => ({ thinking: text })],
  ["thinking blocks", (text) => ({ thinking_blocks: [{ type: "thinking", thinking: text }] })],
  ["reasoning details", (text) => ({ reasoning_details: [{ type: "reasoning.text", text }] })],
  ["a summary", (text) => ({ reasoning_details: [{ type: "reasoning.summary", summary: text }] })],
  [
    "reasoning in two forms",
    (text) => ({ reasoning: text, reasoning_details: [{ type: "reasoning.text", text }] }),
  ],
  ["reasoning under two names", (text) => ({ reasoning: text, reasoning_content: text })],
  ["a refusal", (text) => ({ refusal: text })],
  ["a function call", (text) => ({ function_call: { name: "f", arguments: text } })],
  ["a tool call", (text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })],
  ["a custom tool's input", (text) => ({ tool_calls: [{ index: 0, custom: { name: "f", input: text } }] })],
  [
    "arguments as an object",
    (text) => ({ tool_calls: [{ index: 0, function: { arguments: { a: text } } }] }),
  ],
  ["a transcript", (text) => ({ audio: { id: "a", transcript: text } })],
  ["parts", (text) => ({ content: [{ type: "text", text }] })],
  ["thoughts in parts", (text) => ({ content: [{ type: "thinking", thinking: [{ type: "text", text }] }] })],
  ["a field of its own", (text) => ({ analysis: text })],
];

describe.each(PLACES)("%s without usage", (_, message) => {
  const count = countTokens(prose);
  test.each<[string, () => number | Promise<number>]>([
    ["whole", () => wholeTokens(message(prose))],
    ["streamed", () => streamedTokens(...(prose.match(/.{1,40}/gs) ?? []).map(message))],
  ])("is counted once when %s", async (_form, tokens) => {
    const ratio = (await tokens()) / count;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.5);
  });
});

test("a message that is a text is counted", async () => {
  const choices = [{ index: 0, message: prose, finish_reason: "stop" }];
  const { outputTokens } = await readWholeChoices(Buffer.from(JSON.stringify({ choices })));
  expect(outputTokens / countTokens(prose)).toBeCloseTo(1, 0);
});

describe("media in an answer", () => {
  test.each<[string, number | Promise<number>, number]>([
    ["a picture", wholeTokens({ content: "Here.", images: [picture] }), 1_290],
    ["a streamed picture", streamedTokens({ content: "Here." }, { images: [picture] }), 1_290],
    ["a picture as content", wholeTokens({ content: [{ type: "text", text: "Here." }, picture] }), 1_290],
    ["sound", wholeTokens({ content: null, audio: { id: "a", data: sound, transcript: "Dawn." } }), 60],
    [
      "streamed sound",
      streamedTokens({ audio: { id: "a", transcript: "Dawn." } }, { audio: { data: samples } }),
      60,
    ],
  ])("%s counts as what it is, not as text", async (_, tokens, count) => {
    const ratio = (await tokens) / count;
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  test("the probabilities in a large answer are not text", async () => {
    const content = Array.from({ length: 10_000 }, () => ({
      token: "dawn",
      logprob: -0.1,
      top_logprobs: [
        { token: "day", logprob: -2 },
        { token: "night", logprob: -3 },
      ],
    }));
    const body = {
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          message: { content: " dawn".repeat(10_000) },
          logprobs: { content },
        },
      ],
    };
    const { outputTokens } = await readWholeChoices(Buffer.from(JSON.stringify(body)));
    expect(outputTokens).toBeGreaterThan(5_000);
    expect(outputTokens).toBeLessThan(20_000);
  });

  test("a link to a source counts as a few words at most", async () => {
    const annotations = [
      { type: "url_citation", url_citation: { url: "https://files.example/a", title: "A" } },
    ];
    expect(await wholeTokens({ content: "Yes.", annotations })).toBeLessThan(25);
  });
});
