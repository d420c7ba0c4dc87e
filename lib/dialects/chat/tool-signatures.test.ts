import { expect, test } from "vitest";
import { toolSignatures } from "./tool-signatures";

const tool = (parameters: object) => ({ type: "function", function: { name: "f", parameters } });
const field = { type: "string", description: "d", default: 5 };

test("names the tool once, each parameter twice, and what describes it", () => {
  const tools = [tool({ type: "object", properties: { a: field, b: {} } })];
  expect(toolSignatures({ tools }).texts).toEqual(["f", "a", "a", "d", "5", "b", "b"]);
  expect(toolSignatures({ functions: [{ name: "g", parameters: { properties: { a: 1 } } }] }).texts).toEqual([
    "g",
    "a",
    "a",
  ]);
  expect(toolSignatures({}).texts).toEqual([]);
});

test("names nested parameters once, wherever they are", () => {
  const nested = { properties: { a: { items: { anyOf: [{ properties: { deep: field } }] } } } };
  expect(toolSignatures({ tools: [tool(nested)] }).texts).toEqual(["f", "a", "a", "deep"]);
});

test.each<[unknown, number]>([
  ["string", 0],
  [["string", "null"], 0],
  ["x".repeat(100), 100],
  [["number", "abc", ["de"]], 5],
  [{ type: "ab" }, 2],
])("takes each character of what is no type for a type: %j", (type, characters) => {
  const { typeBytes } = toolSignatures({ tools: [tool({ properties: { a: { type } } })] });
  expect(typeBytes).toBe(10 * characters);
});
