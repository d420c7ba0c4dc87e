import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { longestHoldMs } from "#lib/testing/loop-holds";
import { stopwatch } from "#lib/testing/promptness";
import { countTokens } from "./count-tokens";
import { tokenizerOf } from "./tokenizers";

const asPlainText = { disallowedSpecial: new Set<string>() };
const character = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((code) => String.fromCodePoint(code));
const run = (of: fc.Arbitrary<string>) => fc.array(of, { maxLength: 600 }).map((parts) => parts.join(""));
const word = fc.constantFrom(
  ..."the of ferry government international Straße I'm 3.14 x\n { } => const".split(" "),
);

const texts = {
  prose: fc.array(word, { maxLength: 300 }).map((words) => words.join(" ")),
  digits: run(character(0x30, 0x39)),
  Georgian: run(character(0x10d0, 0x10ff)),
  Hindi: run(character(0x0905, 0x0939)),
  Han: run(character(0x4e00, 0x9fff)),
  emoji: run(character(0x1f300, 0x1f6ff)),
  rulers: run(fc.constantFrom("====", "----", "    ", "\n\n")),
  anything: fc.string({ unit: "binary", maxLength: 300 }),
};

describe.each(Object.entries(texts))("counted tokens of %s", (_, text) => {
  test("are never below the count of the model's own tokenizer", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        expect(await countTokens([given], "o200k")).toBeGreaterThanOrEqual(o200k(given, asPlainText));
        expect(await countTokens([given], "cl100k")).toBeGreaterThanOrEqual(cl100k(given, asPlainText));
      }),
    );
  });

  test("are, with an unknown tokenizer, never below those of a known one, nor above the bytes by much", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const counted = await countTokens([given], "unknown");
        expect(counted).toBeGreaterThanOrEqual(o200k(given, asPlainText));
        expect(counted).toBeGreaterThanOrEqual(cl100k(given, asPlainText));
        expect(counted).toBeLessThanOrEqual(Buffer.byteLength(given) * 1.1 + 16);
      }),
    );
  });
});

test("by an unknown tokenizer cover what Claude's newest makes of prose and of one letter", async () => {
  const prose = "The quick brown fox jumps over the lazy dog while the others look on and wait. ".repeat(100);
  // 3.6 characters a token are its average in English, and 2.47 the fewest measured in a real file.
  expect(await countTokens([prose], "unknown")).toBeGreaterThan(prose.length / 3.6);
  expect(await countTokens(["a".repeat(512)], "unknown")).toBeGreaterThanOrEqual(511);
});

test("of 20 MB in which no word is common are a bound, within seconds and in short turns", async () => {
  const rare = Array.from({ length: 50_000 }, (_, at) =>
    String.fromCodePoint(0x4e00 + ((at * 7_919) % 20_000)),
  );
  const text = rare.join("").repeat(140);
  let tokens = 0;
  const took = stopwatch();
  const longestTurnMs = await longestHoldMs(async () => {
    tokens = await countTokens([text]);
  });
  expect(took()).toBeLessThan(8_000);
  expect(longestTurnMs).toBeLessThan(1_000);
  expect(tokens).toBeGreaterThan(text.length);
  expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text) + 100_000);
}, 30_000);

test.each([
  ["gpt-4o-mini", "o200k"],
  ["openai/gpt-4.1", "o200k"],
  ["gpt-5.2", "o200k"],
  ["o3-mini", "o200k"],
  ["gpt-4", "cl100k"],
  ["gpt-4-turbo-2024-04-09", "cl100k"],
  ["gpt-3.5-turbo", "cl100k"],
  ["gpt-35-turbo", "cl100k"],
  ["claude-opus-4-7", "unknown"],
  ["my-gpt-4o", "unknown"],
])("%s has the tokenizer %s", (upstreamModel, tokenizer) => {
  expect(tokenizerOf(upstreamModel)).toBe(tokenizer);
});
