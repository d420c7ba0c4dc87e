import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { png } from "#lib/dialects/media/testing/media-files";
import { countTokens } from "./count-tokens";
import { leastInJson } from "./least-in-json";
import { leastTokens } from "./least-tokens";
import { piecedTexts } from "./testing/pieced-texts";

const ENDLESS = Number.POSITIVE_INFINITY;
const PROSE = "The quick brown fox, which slept until 10:45, jumps; nobody knows why.\nIt was 1984. ";

const texts = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  piecedTexts(
    fc.constantFrom(
      ...[" ", "\n", "\r\n", "\t", "\u0001", ",", ", ", '"', "\\", "/", "'", "{", "]", ":"],
      "data:image/png;base64,",
    ),
    30,
  ),
);
const picture = fc.integer({ min: 100, max: 400 }).map((bytes) => png(10, 10, bytes));
const content = fc.oneof(
  texts,
  fc.array(
    fc.oneof(
      texts.map((text) => ({ type: "text", text })),
      picture.map((data) => ({ type: "image_url", image_url: { url: `data:image/png;base64,${data}` } })),
      picture.map((data) => ({ type: "image_url", image_url: data })),
      texts.map((data) => ({
        type: "file",
        file: { file_data: `data:text/plain;base64,${Buffer.from(data).toString("base64")}` },
      })),
      texts.map((data) => ({ type: "input_audio", input_audio: { data: `x${data}`, format: "mp3" } })),
    ),
    { maxLength: 4 },
  ),
);
const body = fc.record(
  {
    model: fc.constantFrom("m", "Some Model 1.5"),
    messages: fc.array(fc.record({ role: fc.constant("user"), content }), { minLength: 1, maxLength: 4 }),
    tools: fc.array(
      fc.record({
        type: fc.constant("function"),
        function: fc.record({
          name: fc.constantFrom("read", "write a file"),
          parameters: fc.jsonValue({ maxDepth: 3 }),
        }),
      }),
      { maxLength: 3 },
    ),
    metadata: fc.dictionary(texts, texts, { maxKeys: 3 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
  },
  { requiredKeys: ["model", "messages"] },
);

/** How else the same JSON may be written: with spaces, and any characters of its strings as escapes. */
const written = fc.tuple(body, fc.constantFrom("", " ", "\n\t"), fc.array(fc.boolean(), { maxLength: 12 }));

function jsonOf([value, space, escapes]: [object, string, boolean[]]): string {
  const json = JSON.stringify(value, null, space);
  let at = 0;
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
    string.replace(/\\u....|\\.|[^"\\]/g, (character) =>
      character.length === 1 && escapes[at++ % (escapes.length || 1)]
        ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
        : character,
    ),
  );
}

test("a body weighs no less than its text says", async () => {
  let parsed = 0;
  await fc.assert(
    fc.asyncProperty(written, async (given) => {
      const json = jsonOf(given);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(given[0])));
      const call = callOf(json);
      if (call === null) return;
      parsed += 1;
      const { texts, structureTokens } = chat.prompt(call);
      for (const tokenizer of ["o200k", "cl100k", "unknown"] as const) {
        const least = leastInJson(chat, call, tokenizer, ENDLESS);
        expect(least.structureTokens).toBeLessThanOrEqual(structureTokens);
        expect(least.textTokens).toBeLessThanOrEqual(leastTokens(texts, tokenizer, ENDLESS));
        expect(least.textTokens).toBeLessThanOrEqual(await countTokens(texts, tokenizer));
      }
    }),
    { numRuns: 300 },
  );
  expect(parsed).toBeGreaterThan(150);
});

/** Null for what no provider takes, such as a schema's number that is none. */
function callOf(json: string) {
  try {
    return chat.parse(json);
  } catch {
    return null;
  }
}

describe("is nearly all of what a scan of the parsed texts finds", () => {
  const call = (n: number) => ({
    id: `call_${n}`,
    type: "function",
    function: { name: "write_file", arguments: JSON.stringify({ path: `/src/${n}.ts`, content: PROSE }) },
  });
  test.each<[string, object]>([
    ["prose", { messages: [{ role: "user", content: PROSE.repeat(100) }] }],
    [
      "calls",
      {
        messages: [
          { role: "assistant", content: null, tool_calls: Array.from({ length: 50 }, (_, n) => call(n)) },
        ],
      },
    ],
    [
      "tools",
      {
        messages: [{ role: "user", content: "Hi" }],
        tools: Array.from({ length: 50 }, (_, n) => ({
          type: "function",
          function: {
            name: `tool_${n}`,
            parameters: { type: "object", properties: { a: { type: "string", description: PROSE } } },
          },
        })),
      },
    ],
  ])("%s", (_, fields) => {
    const parsed = chat.parse(JSON.stringify({ model: "m", ...fields }, null, 2));
    const { texts, structureTokens } = chat.prompt(parsed);
    const least = leastInJson(chat, parsed, "o200k", ENDLESS);
    expect(least.textTokens / leastTokens(texts, "o200k", ENDLESS)).toBeGreaterThan(0.9);
    expect(least.structureTokens).toBeGreaterThan(structureTokens / 3);
  });
});

test("data of pictures count nothing, however long they are and however they are written", () => {
  const data = png(10, 10, 50_000);
  for (const url of [`data:image/png;base64,${data}`, data]) {
    const json = JSON.stringify({
      model: "m",
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
    });
    for (const given of [json, json.replaceAll("/", "\\/")])
      expect(leastInJson(chat, chat.parse(given), "o200k", ENDLESS).textTokens).toBeLessThan(20);
  }
});
