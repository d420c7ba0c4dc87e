import fc from "fast-check";
import { outputBoundNames } from "#lib/dialects/bounds/output-bound-names";
import { spellingsOf } from "./spellings";

/** A quoted name that some server reads as an output bound. */
export const boundSpelling = spellingsOf(fc.constantFrom(...outputBoundNames));

const ordinary = fc.constantFrom(
  '"temperature":0.50',
  '"seed":9007199254740993',
  '"user":"x, {max_tokens: 4}"',
  '"some_object":{"a":[1,{"b":2}]}',
  '"list":[{},[],"}"]',
);

const space = fc.constantFrom("", " ", "\n\t");
const container = fc.constantFrom("options", "parameters", "extra_body", "generation_config", "theirs");

/**
 * Fields of an object as JSON text, output bounds among them, nested in objects and lists.
 * @param values JSON texts of the bounds' values
 */
export const fieldsWithBounds = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.letrec<{ members: string }>((tie) => ({
    members: fc
      .array(
        fc.oneof(
          { depthSize: "small", withCrossShrink: true },
          ordinary,
          fc.tuple(boundSpelling, values).map(([name, value]) => `${name}:${value}`),
          fc.tuple(container, tie("members")).map(([name, inner]) => `"${name}":{${inner}}`),
          fc.tuple(container, tie("members")).map(([name, inner]) => `"${name}":[0,{${inner}}, {${inner}}]`),
        ),
        { maxLength: 5 },
      )
      .chain((parts) => space.map((gap) => `${gap}${parts.join(`${gap},${gap}`)}${gap}`)),
  })).members;
