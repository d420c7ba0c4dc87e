import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MemberLimits, parseMembers } from "./parse-members";

const MOST: MemberLimits = { members: 1000, values: 10_000, memberBytes: 10_000, depth: 32 };
const parse = (text: string, most: Partial<MemberLimits> = {}) =>
  parseMembers(Buffer.from(text), { ...MOST, ...most });
const rejected = (message: string) =>
  expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(message) });

describe("a large JSON object", () => {
  test("is what JSON.parse returns, whatever its values and spacing", async () => {
    const spaces = fc.constantFrom(undefined, 2, "\t", "\r\n ");
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
        spaces,
        async (value, space) => {
          const text = ` ${JSON.stringify(value, null, space)}\n`;
          expect(await parse(text)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test("keeps the last of two members with one name, and names like __proto__ as plain names", async () => {
    const text = '{"a":1,"__proto__":{"b":2},"a":3}';
    const members = await parse(text);
    expect(Object.entries(members)).toEqual(Object.entries(JSON.parse(text)));
    expect(Reflect.get(members, "b")).toBeUndefined();
  });

  test("is rejected where JSON.parse rejects it", async () => {
    const text = '{"a" : [1, {"b": "}\\""}], "c": {}}';
    const characters = fc.constantFrom(...'{}[]",:\\ a1');
    const broken = fc
      .tuple(fc.nat(text.length), fc.nat(3), fc.array(characters, { maxLength: 2 }))
      .map(([at, cut, put]) => text.slice(0, at) + put.join("") + text.slice(at + cut));
    await fc.assert(
      fc.asyncProperty(broken, async (json) => {
        const expected = await Promise.resolve(json)
          .then(JSON.parse)
          .catch(() => "rejected");
        expect(await parse(json).catch(() => "rejected")).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, string, Partial<MemberLimits>, string]>([
    ["has too many members", '{"a":1,"b":2}', { members: 1 }, "more than 1 members"],
    ["has too many values", '{"a":[1,2],"b":[3,4,5]}', { values: 4 }, "values"],
    ["has a member that is too large", `{"a":"${"x".repeat(100)}"}`, { memberBytes: 50 }, "50 bytes"],
    ["has a name that is too large", `{"${"x".repeat(100)}":1}`, { memberBytes: 50 }, "50 bytes"],
    ["is nested too deep", '{"a":[[[]]]}', { depth: 2 }, "2 levels"],
    ["is a list", "[1]", {}, "must be a JSON object"],
    ["is empty", "", {}, "must be a JSON object"],
  ])("is rejected if it %s", async (_what, text, most, message) => {
    await expect(parse(text, most)).rejects.toEqual(rejected(message));
  });

  test("is rejected if it is not UTF-8", async () => {
    await expect(parseMembers(Buffer.from([0x7b, 0xff]), MOST)).rejects.toEqual(rejected("UTF-8"));
  });
});
