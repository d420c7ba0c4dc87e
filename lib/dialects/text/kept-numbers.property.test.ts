import fc from "fast-check";
import { expect, test } from "vitest";
import { spelledNumber } from "#lib/dialects/testing/spelled-number";
import { type KeptIn, keptIn, restoredNumbers, withKeptNumbers } from "./kept-numbers";

/** JSON texts without white space. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    spelledNumber,
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    // Numbers as names are put in order.
    fc
      .dictionary(
        fc.string().map((name) => `n${name}`),
        tie("json"),
        { maxKeys: 3 },
      )
      .map(
        (fields) => `{${Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}:${value}`)}}`,
      ),
  ),
}));

const through = (text: string, inside?: KeptIn): string =>
  restoredNumbers(JSON.stringify(JSON.parse(withKeptNumbers(text, inside))));

test("numbers come out of parsing and writing as they were spelled", () => {
  fc.assert(
    fc.property(json, (text) => {
      // A text of a number alone has nothing before it.
      expect(through(`[${text}]`)).toBe(`[${text}]`);
    }),
    { numRuns: 500 },
  );
});

test.each([
  "9007199254740993",
  "-12345678901234567",
  "1.0",
  "0.50",
  "1e5",
  "1.5E+3",
  "1e999",
  "-0",
  "-0.0",
  "0.0000001",
  "1234.1234567890123",
])("a number that JavaScript spells in another way is kept: %s", (number) => {
  expect(JSON.stringify(JSON.parse(`[${number}]`))).not.toBe(`[${number}]`);
  expect(through(`{"a": ${number}, "b": [ ${number} ]}`)).toBe(`{"a":${number},"b":[${number}]}`);
});

test("only those in the objects of named fields are kept", () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      const fields = `{"other":${other},"args":{"a":[${one}]},"more":{"args":[${other}]}}`;
      const plain = JSON.stringify(JSON.parse(other));
      expect(through(fields, keptIn("args"))).toBe(
        `{"other":${plain},"args":{"a":[${one}]},"more":{"args":[${plain}]}}`,
      );
    }),
  );
});

test("numbers in a text that is JSON itself are restored", () => {
  const kept: unknown = JSON.parse(withKeptNumbers('{"a":12345678901234567890}'));
  const text = JSON.stringify({ text: JSON.stringify(kept) });
  expect(restoredNumbers(text)).toBe('{"text":"{\\"a\\":12345678901234567890}"}');
});

test.each(["", "{", '{"a": 1e5', "{1e5: 2}", "[1.0 2.0]", "[01.0]", "[1.0", '{"a":-}', "[1.]", '["1.0]'])(
  "what is not valid JSON stays so: %s",
  (text) => {
    expect(() => JSON.parse(withKeptNumbers(text))).toThrow(SyntaxError);
  },
);
