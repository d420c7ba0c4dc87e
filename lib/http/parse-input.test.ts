import { expect, test } from "vitest";
import { z } from "zod";
import { ServiceError } from "./errors";
import { parseInput } from "./parse-input";

const Input = z.strictObject({
  wait_ms: z.int().min(10).max(60_000),
  share: z.number().gt(0),
  name: z.string().min(1).max(5),
  tags: z.array(z.string()).max(1),
  enabled: z.boolean(),
});
const valid = { wait_ms: 10, share: 1, name: "n", tags: [], enabled: true };

function fieldsOf(input: object): unknown {
  try {
    parseInput(Input, { ...valid, ...input });
  } catch (error) {
    if (error instanceof ServiceError) return error.fields;
    throw error;
  }
  return {};
}

test.each<[object, string, string]>([
  [{ wait_ms: undefined }, "wait_ms", "This is required."],
  [{ wait_ms: -5 }, "wait_ms", "Must be at least 10."],
  [{ wait_ms: 60_001 }, "wait_ms", "Must be at most 60000."],
  [{ wait_ms: 10.5 }, "wait_ms", "Must be a whole number."],
  [{ wait_ms: "10" }, "wait_ms", "Must be a number."],
  [{ share: 0 }, "share", "Must be more than 0."],
  [{ name: "" }, "name", "Must have at least 1 character."],
  [{ name: "too long" }, "name", "Must have at most 5 characters."],
  [{ name: 5 }, "name", "Must be a string."],
  [{ tags: ["a", "b"] }, "tags", "Must have at most 1 entry."],
  [{ tags: "a" }, "tags", "Must be an array."],
  [{ enabled: "yes" }, "enabled", "Must be true or false."],
  [{ other: 1 }, "other", 'Unknown field "other".'],
])("%j is an error that says what to do: %s: %s", (input, field, message) => {
  expect(fieldsOf(input)).toEqual({ [field]: message });
});

test("a valid input is returned", () => {
  expect(parseInput(Input, valid)).toEqual(valid);
});
