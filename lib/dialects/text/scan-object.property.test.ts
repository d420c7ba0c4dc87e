import fc from "fast-check";
import { expect, test } from "vitest";
import { rejectCostlyJson } from "#lib/http/json-cost";
import { fieldsIn } from "./fields-in";
import { topLevelFields } from "./json-fields";
import { scanObject } from "./scan-object";

const ENOUGH = { values: 10_000, depth: 100 };

const object = fc
  .tuple(
    fc.dictionary(fc.string({ unit: "grapheme", maxLength: 4 }), fc.jsonValue()),
    fc.constantFrom("", " ", "\r\n\t"),
  )
  .map(([value, space]) => ({ value, json: JSON.stringify(value, null, space) }));

test("finds the fields of an object, and how many are in each", () => {
  fc.assert(
    fc.property(object, ({ value, json }) => {
      const found = scanObject(json, ENOUGH);
      expect(found.map(({ name, start, end }) => ({ name, start, end }))).toEqual([
        ...topLevelFields(json).values(),
      ]);
      expect(found.map(({ written }) => written)).toEqual(
        found.map(({ start, end }) => fieldsIn(JSON.parse(json.slice(start, end)))),
      );
      expect(found.length + found.reduce((sum, { written }) => sum + written, 0)).toBe(fieldsIn(value));
    }),
    { numRuns: 1_000 },
  );
});

const signs = fc
  .array(fc.constantFrom("{", "}", "[", "]", ",", ":", '"', '"a"', "\\", "1", " ", "{}"), {
    maxLength: 60,
    size: "max",
  })
  .map((parts) => parts.join(""));

test("rejects what is costly to parse, and returns for whatever else there is", () => {
  const most = { values: 12, depth: 3 };
  const outcome = (judge: () => unknown): string => {
    try {
      judge();
      return "";
    } catch (error) {
      return String(error);
    }
  };
  const seen = new Set<string>();
  fc.assert(
    fc.property(signs, (text) => {
      const expected = outcome(() => rejectCostlyJson(text, most));
      expect(outcome(() => scanObject(text, most))).toBe(expected);
      seen.add(expected);
    }),
    { numRuns: 2_000 },
  );
  expect(seen.size).toBe(3);
});
