import fc from "fast-check";
import { expect, test } from "vitest";
import type { Cut } from "./json-fields";
import { walkFields } from "./nested-fields";

const value = fc.jsonValue({ maxDepth: 5 });
const spacing = fc.constantFrom(0, 1, "\t");

/** Paths and values of all fields, in the order of the text, the inner ones first. */
function fieldsOf(parsed: unknown, path: readonly string[]): [string, unknown][] {
  if (Array.isArray(parsed)) return parsed.flatMap((element) => fieldsOf(element, path));
  if (typeof parsed !== "object" || parsed === null) return [];
  return Object.entries(parsed).flatMap(([name, inner]): [string, unknown][] => {
    const at = [...path, name];
    return [...fieldsOf(inner, at), [JSON.stringify(at), inner]];
  });
}

test("meets each field of a value where JSON.parse has it", () => {
  fc.assert(
    fc.property(value, spacing, (parsed, space) => {
      const json = JSON.stringify(parsed, null, space);
      const met: [string, unknown][] = [];
      const end = walkFields(json, 0, [], {
        enters: () => true,
        visit: (path, span) => {
          met.push([JSON.stringify(path), JSON.parse(json.slice(span.start, span.end))]);
          return false;
        },
        cuts: [],
      });
      expect(end).toBe(json.length);
      expect(met).toEqual(fieldsOf(JSON.parse(json), []));
    }),
  );
});

test("cuts what is to be left out, at any depth", () => {
  const json = '{"x":1, "a":{"x":1},"b":[{"x":1,"x":2,"c":0},{"c":1,"x":{"y":2}, "x" : 3}],"x":[]}';
  const cuts: Cut[] = [];
  walkFields(json, 0, [], {
    enters: (path) => path.at(-1) !== "x",
    visit: (path) => path.at(-1) === "x",
    cuts,
  });
  let text = json;
  for (const { start, end } of cuts.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + text.slice(end);
  }
  expect(text).toBe('{"a":{},"b":[{"c":0},{"c":1}]}');
});

test("skips what it is told not to enter, and meets a repeated field each time", () => {
  const met: string[] = [];
  walkFields('{"a":{"b":1},"a":{"b":2},"c":{"b":3}}', 0, ["top"], {
    enters: (path) => path.at(-1) !== "c",
    visit: (path) => {
      met.push(path.join("."));
      return false;
    },
    cuts: [],
  });
  expect(met).toEqual(["top.a.b", "top.a", "top.a.b", "top.a", "top.c"]);
});
