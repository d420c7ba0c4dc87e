import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { quickestMs } from "#lib/testing/promptness";
import { leastTokens } from "./least-tokens";
import { piecedTexts } from "./testing/pieced-texts";

const asPlainText = { disallowedSpecial: new Set<string>() };

/** Texts of what the tokenizers treat in different ways, in any order. */
const texts = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  piecedTexts(
    fc.oneof(
      fc.constantFrom(" ", "  ", "\n", "\r\n", "\n\n", "\t", "\u00a0", ",", ", ", "...", "/", "//", "'", "_"),
      fc.string({ maxLength: 5 }),
    ),
    40,
  ),
);

test("is never more than the tokens that there are", () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), (given) => {
      const tokens = (count: typeof o200k) => given.reduce((sum, text) => sum + count(text, asPlainText), 0);
      const [ofNew, ofOld] = [tokens(o200k), tokens(cl100k)];
      expect(leastTokens(given, "o200k", Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(ofNew);
      expect(leastTokens(given, "unknown", Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(ofNew);
      expect(leastTokens(given, "cl100k", Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(ofOld);
    }),
    { numRuns: 3_000 },
  );
});

const PROSE =
  "The quick brown fox, which had slept until 10:45, jumps over the lazy dog; nobody knows why.\nIt was 1984. ";
const CODE = "export function sizeOf(value: unknown): number {\n  return String(value).length * 1024;\n}\n";

describe("is most of the tokens of", () => {
  test.each([
    ["prose", PROSE.repeat(100), 0.75],
    ["code", CODE.repeat(100), 0.3],
    ["random letters and digits", Buffer.from(PROSE.repeat(100)).toString("base64"), 0.3],
    ["numbers", "3.14159265358979 ".repeat(100), 0.4],
  ])("%s", (_, text, share) => {
    const least = leastTokens([text], "o200k", Number.POSITIVE_INFINITY);
    expect(least / o200k(text, asPlainText)).toBeGreaterThan(share);
  });
});

test("a million characters take milliseconds", async () => {
  const text = PROSE.repeat(10_000);
  const count = () => leastTokens([text], "o200k", Number.POSITIVE_INFINITY);
  expect(count()).toBeGreaterThan(150_000);
  expect(await quickestMs(count, 5)).toBeLessThan(60);
});
