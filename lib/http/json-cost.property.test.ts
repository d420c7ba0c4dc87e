import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonCostWatch, rejectCostlyJson } from "./json-cost";

const MOST = { values: 12, depth: 3 };

const structure = fc.constantFrom("{", "}", "[", "]", ",", ":", " ", "1", "{}");
const string = fc.constantFrom('"', '"é,"', '"\\""', '"[漢\\\\"', '"😀');
const texts = fc
  .array(fc.oneof({ arbitrary: structure, weight: 6 }, { arbitrary: string, weight: 1 }), {
    maxLength: 60,
    size: "max",
  })
  .map((parts) => parts.join(""));

const messageOf = (judge: () => void): string | null => {
  try {
    judge();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
};

test("a text is judged alike as a whole and in parts, wherever they end", () => {
  const seen = new Set<string | null>();
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 9 }), (text, partBytes) => {
      const whole = messageOf(() => rejectCostlyJson(text, MOST));
      const bytes = Buffer.from(text);
      const watch = jsonCostWatch(MOST);
      const inParts = messageOf(() => {
        for (let from = 0; from < bytes.length; from += partBytes)
          watch(bytes.subarray(from, from + partBytes));
      });
      expect(inParts).toBe(whole);
      seen.add(whole);
    }),
    { numRuns: 3_000 },
  );
  expect(seen.size).toBe(3);
});
