import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutsOf, DuplicateField, setFields, topLevelFields } from "./json-fields";

const object = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const spacing = fc.constantFrom(0, 1, 2, "\t");

describe("topLevelFields", () => {
  test("finds each field's value where JSON.parse finds it", () => {
    fc.assert(
      fc.property(object, spacing, (value, space) => {
        const json = JSON.stringify(value, null, space);
        const found = [...topLevelFields(json)].map(([name, { start, end }]) => [
          name,
          JSON.parse(json.slice(start, end)),
        ]);
        expect(Object.fromEntries(found)).toEqual(JSON.parse(json));
      }),
    );
  });

  test("refuses a field given twice, also when it is spelt with escapes", () => {
    expect(() => topLevelFields('{"model":"cheap","model":"dear"}')).toThrow(DuplicateField);
    expect(() => topLevelFields('{"model":"cheap","mod\\u0065l":"dear"}')).toThrow('"model"');
    expect(() => topLevelFields('{"a":{"model":1},"model":2}')).not.toThrow();
  });
});

describe("setFields", () => {
  test("changes and adds what it is told and nothing else", () => {
    fc.assert(
      fc.property(object, object, spacing, (value, changes, space) => {
        const json = JSON.stringify(value, null, space);
        const texts = Object.fromEntries(
          Object.entries(changes).map(([name, change]) => [name, JSON.stringify(change)]),
        );
        expect(JSON.parse(setFields(json, topLevelFields(json), texts))).toEqual(
          JSON.parse(JSON.stringify({ ...value, ...changes })),
        );
      }),
    );
  });

  test("removes fields with one comma each, and may add one of them again", () => {
    fc.assert(
      fc.property(object, spacing, fc.func(fc.boolean()), (value, space, isRemoved) => {
        const json = JSON.stringify(value, null, space);
        const fields = topLevelFields(json);
        const gone = [...fields].filter(([name]) => isRemoved(name));
        const cuts = cutsOf([...fields.values()], new Set(gone.map(([, span]) => span)));
        const again = gone[0]?.[0] ?? "added";
        const text = setFields(json, fields, { [again]: "1" }, { cuts, topLevel: gone.length });
        const kept = Object.entries(JSON.parse(json)).filter(([name]) => !isRemoved(name));
        expect(JSON.parse(text)).toEqual({ ...Object.fromEntries(kept), [again]: 1 });
      }),
    );
  });

  test("keeps large integers and number spellings to the letter", () => {
    const json = '{ "seed": 9007199254740993, "t": 1.0, "model": "a" }';
    expect(setFields(json, topLevelFields(json), { model: '"b"' })).toBe(
      '{ "seed": 9007199254740993, "t": 1.0, "model": "b" }',
    );
  });
});
