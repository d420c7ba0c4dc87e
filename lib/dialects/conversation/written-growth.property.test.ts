import fc from "fast-check";
import { expect, test } from "vitest";
import { growthByReferences } from "#lib/dialects/text/schema-references";
import { growthByUnions } from "#lib/dialects/text/schema-unions";
import { mayUnfold } from "./written-growth";

const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom("#/$defs/a", "ref", "type", "string", ["string", "null"], ["object", "array"]),
    fc.dictionary(
      fc.constantFrom("type", "properties", "$ref", "ref", "$defs", "a", "b", "enum"),
      tie("schema"),
      {
        maxKeys: 4,
      },
    ),
    fc.array(tie("schema"), { maxLength: 3 }),
  ),
}));

test("a schema that a template writes several times is never taken for one that it writes once", () => {
  let unfolded = 0;
  fc.assert(
    fc.property(schema, fc.constantFrom("", " ", "\n\t"), fc.boolean(), (schema, space, isEscaped) => {
      if (growthByReferences(schema) === 0 && growthByUnions(schema) === 0) return;
      unfolded += 1;
      const json = JSON.stringify(schema, null, space);
      expect(mayUnfold(isEscaped ? json.replaceAll("e", "\\u0065") : json)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(unfolded).toBeGreaterThan(100);
});

test("an ordinary schema need not be walked", () => {
  expect(
    mayUnfold('{"type": "object", "properties": {"reference": {"type": "string"}}, "enum": ["a\\n"]}'),
  ).toBe(false);
});
