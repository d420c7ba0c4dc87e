import fc from "fast-check";
import { outputBoundNames } from "#lib/dialects/bounds/output-bound-names";

/** A quoted name that some server reads as an output bound: in another case, with other separators, escaped. */
export const boundSpelling: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...outputBoundNames),
    fc.constantFrom<(name: string) => string>(
      (name) => name,
      (name) => name.toUpperCase(),
      (name) => name.replaceAll("_", "-"),
      (name) => name.replaceAll("_", ""),
      (name) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      (name) => name.replace("m", "\uff4d").replace("s", "\u017f"),
    ),
    fc.boolean(),
  )
  .map(([name, respell, isEscaped]) => {
    const text = JSON.stringify(respell(name));
    return isEscaped ? text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`) : text;
  });

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
