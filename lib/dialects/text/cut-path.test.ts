import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { paramOfPath, pathOf, withoutPath } from "./cut-path";

describe("a text without what is at a path", () => {
  test.each([
    ['{"a":1}', "a", "{}"],
    ['{ "a" : 1 , "b":2 }', "a", '{ "b":2 }'],
    ['{"a":1, "b": 12345678901234567890}', "b", '{"a":1}'],
    ['{"tools":[ {"x":1},{"y":[1]}, 3 ]}', "tools[1]", '{"tools":[ {"x":1}, 3 ]}'],
    ['{"tools":[{"type":"a","n":1}]}', "tools[0].type", '{"tools":[{"n":1}]}'],
    ['{"a":{"b":{"c":[[1,2],"]"]}}}', "a.b.c[0][1]", '{"a":{"b":{"c":[[1],"]"]}}}'],
    ['{"\\u0061":1,"b":2}', "a", '{"b":2}'],
  ])("keeps every other byte: %s, %s", (json, param, expected) => {
    expect(withoutPath(json, pathOf(param))).toBe(expected);
  });

  test.each(["b", "a[0]", "a.b", "list[9]", "list.0"])("is none where nothing is: %s", (param) => {
    expect(withoutPath('{"a":"text","list":[1]}', pathOf(param))).toBeNull();
  });

  test("has every other value, for any object", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.jsonValue(), { minKeys: 1 }),
        (given) => {
          const body: Record<string, unknown> = JSON.parse(JSON.stringify(given));
          const [name = "", ...others] = Object.keys(body);
          const left: unknown = JSON.parse(withoutPath(JSON.stringify(body), [name]) ?? "");
          expect(left).toEqual(Object.fromEntries(others.map((other) => [other, body[other]])));
        },
      ),
    );
  });
});

test("a path is written as it is read", () => {
  for (const param of ["a", "tools[0].type", "messages[12].content[0][1].text"]) {
    expect(paramOfPath(pathOf(param))).toBe(param);
  }
});
