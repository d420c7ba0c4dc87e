import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Text } from "./read-body";

const characters = fc.array(
  fc.constantFrom("a", "\0", "\ufeff", "ü", "—", "漢", "😀", "\u{10ffff}", "\uffff"),
  {
    minLength: 1,
    maxLength: 50,
  },
);

test("a text is the same however large it is, in every alphabet", () => {
  fc.assert(
    fc.property(characters, (characters) => {
      const text = characters.join("");
      for (const whole of [text, text.repeat(Math.ceil(70_000 / text.length))]) {
        // Not by expect, which would print the difference of large texts for minutes.
        if (utf8Text(Buffer.from(whole)) !== whole) throw new Error(`differs: ${text}`);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([10, 100_000])("bytes that are not UTF-8 are rejected: after %i others", (before) => {
  for (const bytes of [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe6, 0xbc]]) {
    const body = Buffer.concat([Buffer.alloc(before, "漢"), Buffer.from(bytes)]);
    expect(() => utf8Text(body)).toThrow("not valid UTF-8");
  }
});
