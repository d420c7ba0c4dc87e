import fc from "fast-check";
import { expect, test } from "vitest";
import { quickestMs } from "#lib/testing/promptness";
import { closingQuote } from "./closing-quote";

/** What the grammar of JSON says, character by character. */
function endOf(json: string, from: number): number {
  for (let at = from; at < json.length; at++) {
    if (json[at] === "\\") at += 1;
    else if (json[at] === '"') return at;
  }
  return -1;
}

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('"', "\\", '\\"', "\\\\", "\\\\\\") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a", "漢", "\\n", " ".repeat(63), "x".repeat(64), "y".repeat(300)),
  },
);

test("a string ends at its first quote that is not escaped, however escapes lie", () => {
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, (text) => {
      expect(closingQuote(text, 0)).toBe(endOf(text, 0));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ["escaped quotes", '\\"'.repeat(1_000_000)],
  ["escaped quotes and breaks", '\\"\\n\\\\'.repeat(300_000)],
  ["backslashes", "\\\\".repeat(1_000_000)],
  ["rare escaped quotes", `\\"${"x".repeat(100)}`.repeat(20_000)],
  ["prose", "The quick brown fox. ".repeat(100_000)],
])("two megabytes of %s take milliseconds", async (_, text) => {
  const json = `"${text}"`;
  expect(closingQuote(json, 1)).toBe(json.length - 1);
  expect(await quickestMs(() => closingQuote(json, 1), 5)).toBeLessThan(40);
});
