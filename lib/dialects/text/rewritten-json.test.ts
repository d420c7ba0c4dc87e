import fc from "fast-check";
import { expect, test } from "vitest";
import { rewritingOf, rewritingOfArguments } from "./rewritten-json";

const ascii = (json: string) =>
  json.replace(/[<>&'\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
/** As Python writes it: `", "`, `": "`. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}: ${spaced(inner)}`)
    .join(", ")}}`;
}

test("covers JSON that is parsed and written anew", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      const { bytes, escapedBytes } = rewritingOf(json, true);
      const sent = Buffer.byteLength(json);
      expect(Buffer.byteLength(spaced(value))).toBeLessThanOrEqual(sent + bytes);
      expect(ascii(spaced(value)).length).toBeLessThanOrEqual(sent + bytes + escapedBytes);
    }),
  );
});

test("covers a text that becomes a string", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const { bytes, escapedBytes } = rewritingOf(text, false);
      const written = JSON.stringify(text).slice(1, -1);
      const sent = Buffer.byteLength(text);
      expect(Buffer.byteLength(written)).toBeLessThanOrEqual(sent + bytes);
      expect(ascii(written).length).toBeLessThanOrEqual(sent + bytes + escapedBytes);
    }),
  );
});

test.each([
  ["[1e15,1E15]", "[1000000000000000.0, 1000000000000000.0]"],
  ["[1.e-9]", "[0.000000001]"],
  ["[9e20]", "[900000000000000000000]"],
])("covers %s, which may be written as %s", (json, written) => {
  expect(json.length + rewritingOf(json, true).bytes).toBeGreaterThanOrEqual(written.length);
});

test("covers numbers that were parsed with the body", () => {
  const sent = '{"a":[1e15,2e15]}';
  const { bytes } = rewritingOfArguments(JSON.parse(sent));
  expect(sent.length + bytes).toBeGreaterThanOrEqual(
    '{"a": [1000000000000000.0, 2000000000000000.0]}'.length,
  );
});

test("adds nothing to prose", () => {
  expect(rewritingOf("The ferry leaves at 5, or later: see 1e5.", false)).toEqual({
    bytes: 0,
    escapedBytes: 0,
  });
});
