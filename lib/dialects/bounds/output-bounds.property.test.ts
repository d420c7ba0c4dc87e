import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundSpelling, fieldsWithBounds } from "#lib/dialects/testing/fields-with-bounds";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";
import { outputBoundNames } from "./output-bound-names";
import { plainName } from "./plain-name";
import { readLimits } from "./read-limits";
import { setBoundedFields } from "./set-output-bound";

const noneIsOwn = () => false;
type Field = { plain: string; value: unknown };

/** Every field in the text, as a server that reads any name anywhere meets it, the repeated ones too. */
function fieldsIn(json: string): Field[] {
  const found: Field[] = [];
  for (const [, name = "", value = ""] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:\s*([^\s,{}[\]"]*)/g)) {
    found.push({ plain: plainName(JSON.parse(name)), value: value === "" ? null : JSON.parse(value) });
  }
  return found;
}

const bounds = new Set(outputBoundNames.map(plainName));
const boundsIn = (json: string) => fieldsIn(json).filter(({ plain }) => bounds.has(plain));

function bodyOf(inner: string): { json: string; fields: ReturnType<typeof topLevelFields> } | null {
  const json = `{"model":"m"${inner.trim() === "" ? "" : `,${inner}`}}`;
  try {
    return { json, fields: topLevelFields(json) };
  } catch {
    // A field twice at the top level is a 400 already (unambiguous-fields.ts).
    return null;
  }
}

const sentField = fc.constantFrom("max_tokens", "max_completion_tokens", "num_predict", "their_own_limit");

describe("whatever a body names as its output bound", () => {
  test("the provider gets exactly one, its own, with the value that is held", () => {
    let sent = 0;
    fc.assert(
      fc.property(
        fieldsWithBounds(fc.constantFrom("77", "77", "0", "null")),
        sentField,
        fc.integer({ min: 1, max: 77 }),
        (inner, field, tokens) => {
          const body = bodyOf(inner);
          if (body === null) return;
          const { outputBounds, maxOutputTokens } = readLimits(body.json, body.fields, noneIsOwn);
          expect(maxOutputTokens).toBe(boundsIn(body.json).some(({ value }) => value === 77) ? 77 : null);
          const text = setBoundedFields({ ...body, outputBounds }, {}, { tokens, field });
          const upstream = JSON.parse(text);
          expect(upstream[field]).toBe(tokens);
          const own = { plain: plainName(field), value: tokens };
          expect(boundsIn(text)).toEqual(bounds.has(own.plain) ? [own] : []);
          const others = (json: string) => fieldsIn(json).filter(({ plain }) => !bounds.has(plain));
          const rest = others(text).filter(({ plain }) => plain !== own.plain || bounds.has(own.plain));
          expect(rest).toEqual(others(body.json));
          sent += 1;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(sent).toBeGreaterThan(500);
  });

  test("two different values are rejected, wherever they are", () => {
    let conflicts = 0;
    fc.assert(
      fc.property(fieldsWithBounds(fc.constantFrom("1", "4000", "0")), (inner) => {
        const body = bodyOf(inner);
        if (body === null) return;
        const values = new Set(boundsIn(body.json).map(({ value }) => value));
        values.delete(0);
        if (values.size < 2) expect(() => readLimits(body.json, body.fields, noneIsOwn)).not.toThrow();
        else {
          conflicts += 1;
          expect(() => readLimits(body.json, body.fields, noneIsOwn)).toThrow(
            expect.objectContaining({ code: "invalid_request", status: 400 }),
          );
        }
      }),
      { numRuns: 1_000 },
    );
    expect(conflicts).toBeGreaterThan(100);
  });

  test("anything but a number of tokens is rejected", () => {
    fc.assert(
      fc.property(
        boundSpelling,
        fc.constantFrom('"4000"', "-1", "-2", "0.5", "1e300", "true", "[4000]", '{"value":4000}', '"max"'),
        fc.constantFrom("", "options", "extra_body"),
        (name, value, within) => {
          const field = `${name}:${value}`;
          const body = bodyOf(within === "" ? field : `"${within}":{${field}}`);
          if (body === null) throw new Error("no field is repeated");
          expect(() => readLimits(body.json, body.fields, noneIsOwn)).toThrow(ApiError);
        },
      ),
    );
  });

  test("travels unchanged, byte for byte, if nothing needs to be held for it", () => {
    fc.assert(
      fc.property(fieldsWithBounds(fc.constant("77")), sentField, (inner, field) => {
        const body = bodyOf(inner);
        if (body === null) return;
        const { outputBounds } = readLimits(body.json, body.fields, noneIsOwn);
        expect(setBoundedFields({ ...body, outputBounds }, {}, { tokens: null, field })).toBe(body.json);
      }),
    );
  });
});
