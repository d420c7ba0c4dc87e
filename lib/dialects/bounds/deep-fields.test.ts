import { afterEach, describe, expect, test, vi } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { cpuRatio } from "#lib/testing/promptness";
import { paramOf } from "./param-of";
import { readLimits } from "./read-limits";

const DEPTH = 150;
const within = (name: string, value: unknown) => {
  let nested = value;
  for (let depth = 0; depth < DEPTH; depth++) nested = { [name]: nested };
  return nested;
};
const read = (json: string) => readLimits(json, topLevelFields(json), () => false);
const many = (field: object) => Array.from({ length: 500 }, () => field);

describe("fields far within others", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    ["what belongs in the body itself", { n: 1 }],
    ["switches", { enable_thinking: true }],
    ["bounds", { max_tokens: 5 }],
    ["fields that Tollgate does not know", { unknown: 5 }],
    ["modes", { mode: "auto" }],
  ])("have the names of those around them read once: %s", (_, field) => {
    const normalize = vi.spyOn(String.prototype, "normalize");
    read(JSON.stringify({ settings: within("Ä", many(field)) }));
    expect(normalize).toHaveBeenCalledTimes(DEPTH);
  });

  test("are parsed once if they are predicted", () => {
    const json = JSON.stringify({ prediction: within("prediction", { content: "A page." }) });
    const parse = vi.spyOn(JSON, "parse");
    expect(read(json).predictedTexts).toEqual(["A page."]);
    expect(parse.mock.calls.reduce((sum, [text]) => sum + text.length, 0)).toBeLessThan(json.length);
  });

  test("are named by the beginning of their path, which takes no longer for a longer one", async () => {
    const path = (length: number) => Array.from({ length }, () => "a");
    const [short, long] = [path(200), path(20_000)];
    const name = (names: string[]) => () => {
      for (let round = 0; round < 1_000; round++) paramOf(names);
    };
    expect(paramOf(long)).toBe(paramOf(short));
    expect(await cpuRatio(name(long), name(short))).toBeLessThan(5);
  });
});

test("of more unknown fields than are told apart, an outer one is still noted in place of those in it", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, 5]));
  const fieldsOf = (body: object) => read(JSON.stringify(body)).unknown.fields;
  expect(fieldsOf({ outer: many(100) })).toEqual(["outer"]);
  expect(fieldsOf({ outer: { inner: many(100), b: 5 }, c: 5 })).toEqual(["outer", "c"]);
  expect(fieldsOf(many(100))).toHaveLength(21);
  expect(fieldsOf({ outer: many(30), ...many(30) })).toHaveLength(21);
});

test.each([
  ["an enclosing field", { extra_body: { a: { n: 2 } } }, "extra_body.a.n"],
  ["one before it", { a: { extra_body: {} }, b: { n: 2 } }, null],
  ["one within another", { a: { extra_body: { b: { c: 1 }, n: 2 } } }, "a.extra_body.n"],
  ["one beside it", { a: { extra_body: { b: 1 }, n: 2 } }, null],
])("what is misplaced is in a field that servers merge: %s", (_, body, param) => {
  const reading = () => read(JSON.stringify(body));
  if (param === null) expect(reading).not.toThrow();
  else expect(reading).toThrow(expect.objectContaining({ param }));
});

test.each([
  [{ prediction: { content: "a" }, b: { prediction: { content: "b" } } }, ["a", "b"]],
  [{ b: { speculation: { c: "a" }, prediction: "b" } }, ["a", "b"]],
])("each prediction counts: %j", (body, texts) => {
  expect(read(JSON.stringify(body)).predictedTexts).toEqual(texts);
});

test("more bounds than a function takes arguments are left out, too", () => {
  const bounds = Array.from({ length: 150_000 }, () => '"max_tokens":5').join(",");
  const { outputBounds, maxOutputTokens } = read(`{"options":{${bounds}}}`);
  expect(maxOutputTokens).toBe(5);
  expect(outputBounds.nested).toHaveLength(150_000);
});
