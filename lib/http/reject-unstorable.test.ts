import { describe, expect, test } from "vitest";
import { z } from "zod";
import { quickestMs } from "#lib/testing/promptness";
import { parseInput } from "./parse-input";
import { rejectUnstorable } from "./reject-unstorable";

const invalid = (field: string) =>
  expect.objectContaining({ code: "invalid", fields: { [field]: expect.any(String) } });
const rejectionOf = (input: unknown): unknown => {
  try {
    rejectUnstorable(input);
    return null;
  } catch (error) {
    return error;
  }
};

describe("text that PostgreSQL cannot store", () => {
  test.each<[string, unknown, string]>([
    ["U+0000", { name: "a\0" }, "name"],
    ["an unpaired surrogate", { name: "\ud800" }, "name"],
    ["half of a pair", { name: "\ud83d!" }, "name"],
    ["a text in a list", { a: { b: ["x", "y\0"] } }, "a.b.1"],
    ["the name of a field", { a: { "\0": 1 } }, "a"],
    ["the input itself", "\udc00", ""],
  ])("is rejected at its field: %s", (_what, input, field) => {
    expect(rejectionOf(input)).toEqual(invalid(field));
  });

  test("is rejected for every verb, also where the schema accepts any text", () => {
    const schema = z.object({ search: z.string() });
    expect(() => parseInput(schema, { search: "a\0" })).toThrow(invalid("search"));
    expect(parseInput(schema, { search: "Zoë 😀\n" })).toEqual({ search: "Zoë 😀\n" });
  });

  test.each(["a\0", "\ud800"])("is no id: %j is not found, like any other malformed one", (id) => {
    const notFound = expect.objectContaining({ code: "not_found" });
    expect(() => parseInput(z.object({ id: z.uuid() }), { id })).toThrow(notFound);
  });
});

describe("an input from a server action", () => {
  test("is rejected if it is nested too deep", () => {
    let input: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) input = [input];
    expect(rejectionOf(input)).toMatchObject({ message: expect.stringContaining("nested") });
  });

  test("is rejected if a value occurs so often that reading it would not end", async () => {
    let input: unknown = "x";
    for (let depth = 0; depth < 30; depth++) input = [input, input, input, input];
    expect(rejectionOf(input)).toMatchObject({ message: expect.stringContaining("values") });
    expect(await quickestMs(() => rejectionOf(input))).toBeLessThan(1000);
  });

  test("that refers to itself is rejected", () => {
    const input: Record<string, unknown> = {};
    input.self = input;
    expect(rejectionOf(input)).toMatchObject({ message: expect.stringContaining("nested") });
  });
});

test("the field's path is built only for an error: a list of many values takes milliseconds", async () => {
  const many = { list: Array.from({ length: 99_000 }, () => []) };
  expect(await quickestMs(() => rejectUnstorable(many))).toBeLessThan(50);
});
