import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { decode, countTokens as o200k, vocabularySize } from "gpt-tokenizer/encoding/o200k_base";
import { countTokens as r50k } from "gpt-tokenizer/encoding/r50k_base";
import { describe, expect, test } from "vitest";
import { words } from "./common-words.json";
import { countTokens } from "./count-tokens";
import { mostOfAnyTokenizer } from "./unknown-tokenizer";

const TIMES = 20;

describe("the most tokens of an unknown tokenizer", () => {
  // Counted by llama-tokenizer-js, mistral-tokenizer-js, @anthropic-ai/tokenizer, gpt-tokenizer, llama3-tokenizer-js.
  test.each([
    ["Llama 2", " KOYO", 4],
    ["Mistral 7B", " KOYO", 4],
    ["Claude 2", " ukuph", 4],
    ["GPT-J", " ntawm", 4],
    ["Phi-4", " Ljubl", 4],
    ["Llama 3.1", " oqarpoq", 5],
    ["Llama 3.3", " ntawm", 3],
    ["Llama 2, of line breaks", " \n", 2],
    ["Llama 2, of rare letters", " \u0108", 3],
  ])("cover what %s makes of %j", async (_, word, tokensEach) => {
    expect(await countTokens([word.repeat(3_000)], "unknown")).toBeGreaterThanOrEqual(tokensEach * 3_000);
  });

  test("cover, for every word of gpt-4o's vocabulary, what three other tokenizers make of it", () => {
    for (let token = 0; token < vocabularySize; token++) {
      const word = textOf(token);
      if (!/^ ?[A-Za-z]{3,}$/.test(word)) continue;
      const text = ` ${word.trim()}`.repeat(TIMES);
      const most = mostOfAnyTokenizer(text, true);
      if (most >= text.length) continue;
      for (const tokensOf of [o200k, cl100k, r50k]) expect(most, word).toBeGreaterThanOrEqual(tokensOf(text));
    }
  });

  test("are two for each common word, which is one token in OpenAI's tokenizers", () => {
    for (const word of words.split(" ")) {
      const text = `a${` ${word}`.repeat(TIMES)}`;
      expect([o200k(text), cl100k(text), r50k(text), mostOfAnyTokenizer(text, true)], word).toEqual([
        TIMES + 1,
        TIMES + 1,
        TIMES + 1,
        2 * TIMES + 1,
      ]);
    }
  });

  test.each([
    ["a word that goes on", " thez", true],
    ["a word in another alphabet's", " the\u0108", true],
    ["a name in code", " the_value", true],
    ["a contraction", " they're", true],
    ["a capital", " theX", true],
    ["a word that is cut off", " the", false],
  ])("are the bytes of %s", (_, text, isWhole) => {
    expect(mostOfAnyTokenizer(text, isWhole)).toBe(Buffer.byteLength(text));
  });

  test("are less than three for each word of prose", async () => {
    const prose =
      "The tide had turned before they reached the harbour, and nobody spoke while the boats came in. ";
    const tokens = await countTokens([prose.repeat(100)], "unknown");
    expect(tokens / (17 * 100)).toBeLessThan(3);
    expect(tokens).toBeGreaterThan(1.5 * o200k(prose.repeat(100)));
  });
});

function textOf(token: number): string {
  try {
    return decode([token]);
  } catch {
    return "";
  }
}
