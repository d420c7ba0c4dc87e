import { describe, expect, test } from "vitest";
import { parse } from "./testing/parse";

const tool = (fields: object = {}) => ({
  name: "find_order",
  description: "Finds the order of a customer by its number. ".repeat(20),
  input_schema: { type: "object" },
  ...fields,
});
const other = { name: "search_tools", input_schema: { type: "object" } };
const reference = (name = "find_order") => ({ type: "tool_reference", tool_name: name });
const found = (...references: object[]) => [
  { role: "user", content: "Hello!" },
  { role: "assistant", content: [{ type: "tool_use", id: "a", name: "search_tools", input: {} }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: references }] },
];
const times = (count: number, name?: string) => Array.from({ length: count }, () => reference(name));

/** What is held for references besides the tools themselves. */
function heldFor(references: object[], ...tools: object[]): number {
  const growthOf = (...given: object[]) =>
    parse({ tools: [other, ...tools], messages: found(...given) }).growth.schemaBytes;
  return growthOf(...references) - growthOf();
}

describe("a reference to a tool", () => {
  const deferred = tool({ defer_loading: true });
  const bytes = JSON.stringify(deferred).length;

  test("has the definition in its place, which is held once with the tools", () => {
    expect(heldFor(times(1), deferred)).toBe(0);
    expect(heldFor(times(50), deferred)).toBe(49 * bytes);
  });

  test("repeats the definition of a tool that is not deferred", () => {
    expect(heldFor(times(2), tool())).toBe(2 * JSON.stringify(tool()).length);
    expect(heldFor(times(2), deferred, tool())).toBe(2 * bytes);
  });

  test("counts by the name, and not for tools that are not there", () => {
    const second = { ...deferred, name: "b" };
    expect(heldFor([...times(2), ...times(3, "b")], deferred, second)).toBe(
      bytes + 2 * JSON.stringify(second).length,
    );
    expect(heldFor(times(9, "c"), deferred)).toBe(0);
  });

  test("counts among the blocks of a message, too", () => {
    const messages = [{ role: "user", content: times(3) }];
    expect(parse({ tools: [other, deferred], messages }).growth.schemaBytes).toBe(
      parse({ tools: [other, deferred] }).growth.schemaBytes + 2 * bytes,
    );
  });
});
