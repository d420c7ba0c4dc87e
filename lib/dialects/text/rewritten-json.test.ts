import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonEscapeBytes, NO_REWRITING, rewritingOf } from "./rewritten-json";

const ascii = (json: string) =>
  json.replace(/[<>&'\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

test("covers a text that becomes a string of JSON", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.string({ unit: fc.constantFrom('"', "\\", "\n", "<", "'", "é", "世", "🦄", "a"), maxLength: 200 }),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(1, 200), (part, times) => {
      const whole = part.repeat(times);
      const { bytes, escapedBytes } = rewritingOf(whole);
      const written = JSON.stringify(whole).slice(1, -1);
      const sent = Buffer.byteLength(whole);
      expect(Buffer.byteLength(written)).toBeLessThanOrEqual(sent + bytes);
      expect(ascii(written).length).toBeLessThanOrEqual(sent + bytes + escapedBytes);
    }),
  );
});

test("adds nothing to prose", () => {
  expect(rewritingOf("The ferry leaves at 5, or later: see 1e5.")).toEqual(NO_REWRITING);
});

test("the escapes of a value's JSON are what it is longer by than its texts", () => {
  const names = ["a", "\n", "世"] as const;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), fc.constantFrom(...names), (texts, name) => {
      const around = `{"":${JSON.stringify(texts.map(() => ""))}}`.length;
      const sent = Buffer.byteLength(name + texts.join("")) + around;
      const written = JSON.stringify({ [name]: texts });
      expect(jsonEscapeBytes({ [name]: texts }, false)).toBe(Buffer.byteLength(written) - sent);
      const inAscii = written.replace(/[\u0080-\uffff]/g, "------");
      expect(inAscii.length - sent).toBeLessThanOrEqual(jsonEscapeBytes({ [name]: texts }, true));
    }),
  );
});
