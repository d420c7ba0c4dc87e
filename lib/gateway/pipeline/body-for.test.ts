import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyFor } from "./body-for";

const wire = { fieldsInPath: ["model", "stream"] };
const added = { fields: { anthropic_version: '"v"', anthropic_beta: '["a"]' } };

test("a body for a wire that takes it as it is is not touched", () => {
  const json = ' {"model" : "m", "seed":12345678901234567890}';
  expect(bodyFor({}, json, {})).toBe(json);
});

test.each([
  ['{"model":"m"}', '{"anthropic_version":"v","anthropic_beta":["a"]}'],
  [
    '{"model":"m","max_tokens":1e2,"stream":true}',
    '{"anthropic_version":"v","anthropic_beta":["a"],"max_tokens":1e2}',
  ],
  [
    '{ "seed": 12345678901234567890, "model": "m" , "x": "\\ud83d\\ude00" }',
    '{"anthropic_version":"v","anthropic_beta":["a"], "seed": 12345678901234567890 , "x": "\\ud83d\\ude00" }',
  ],
])("%s loses what the URL has, and gains what others have in headers", (json, expected) => {
  expect(bodyFor(wire, json, added)).toBe(expected);
});

test("whatever a body has, only the named fields change", () => {
  const body = fc.dictionary(fc.string(), fc.jsonValue()).chain((fields) =>
    fc.shuffledSubarray(["model", "stream", "messages"]).map((names) => {
      const named = Object.fromEntries(names.map((name) => [name, name]));
      return { ...fields, ...named };
    }),
  );
  fc.assert(
    fc.property(body, fc.constantFrom(0, 2), (given, indent) => {
      const { model: _, stream: __, ...kept } = JSON.parse(JSON.stringify(given));
      const sent: unknown = JSON.parse(bodyFor(wire, JSON.stringify(given, null, indent), added));
      expect(sent).toEqual({ ...kept, anthropic_version: "v", anthropic_beta: ["a"] });
    }),
  );
});
