import { expect, test } from "vitest";
import { toolSignatures } from "./tool-signatures";

const tool = (parameters: object) => ({ type: "function", function: { name: "f", parameters } });
const field = { type: "string", description: "d", default: 5 };

test("names the tool once, each parameter twice, and what describes it", () => {
  const tools = [tool({ type: "object", properties: { a: field, b: {} } })];
  expect(toolSignatures({ tools })).toEqual(["f", "a", "a", "d", "5", "b", "b"]);
  expect(toolSignatures({ functions: [{ name: "g", parameters: { properties: { a: 1 } } }] })).toEqual([
    "g",
    "a",
    "a",
  ]);
  expect(toolSignatures({})).toEqual([]);
});

test("names nested parameters once, wherever they are", () => {
  const nested = { properties: { a: { items: { anyOf: [{ properties: { deep: field } }] } } } };
  expect(toolSignatures({ tools: [tool(nested)] })).toEqual(["f", "a", "a", "deep"]);
});
