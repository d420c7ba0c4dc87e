import { expect, test } from "vitest";
import { chatGrowth } from "#lib/dialects/conversation/openai-growth";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { collectGarbage } from "#lib/testing/collect-garbage";
import { chat } from "./dialect";

const call = (at: number) => {
  const written = { path: `/${at}<&>.ts`, lines: 1e15 };
  return {
    id: `call_${at}`,
    type: "function",
    function: { name: "write", arguments: JSON.stringify(written) },
  };
};
const tool = (at: number) => ({
  type: "function",
  function: {
    name: `tool_${at}`,
    description: "Writes a file.\nOverwrites it.",
    parameters: { type: "object", properties: { path: { type: ["string", "null"] } } },
  },
});
const bodyOf = (count: number) => ({
  model: "m",
  messages: [
    { role: "user", content: "Hi" },
    { role: "assistant", content: null, tool_calls: Array.from({ length: count }, (_, at) => call(at)) },
    { role: "tool", tool_call_id: "call_0", content: '{"$ref": "#/$defs/a", "$defs": {"a": {"b": 1}}}' },
  ],
  tools: Array.from({ length: count }, (_, at) => tool(at)),
  colour: "red",
});

test.each([
  ["a small body", 3, false],
  ["a large body, whose growth is computed when it is asked for", 500, false],
  ["a large body that is not in memory any more", 500, true],
])("%s grows by what its tools, calls and results grow by", async (_, count, isCollected) => {
  const body = bodyOf(count);
  const json = JSON.stringify(body);
  expect(json.length > 65_536).toBe(count > 3);
  const parsed = chat.parse(json);
  if (isCollected) {
    await collectGarbage();
  }
  const messages = { field: "messages", messages: body.messages };
  const { unfoldedParam, unfoldedResultParam, ...growth } = chatGrowth(
    json,
    topLevelFields(json),
    body,
    messages,
  );
  expect([unfoldedParam, unfoldedResultParam]).toEqual([null, null]);
  expect(growth.schemaBytes).toBeGreaterThan(100);
  expect(growth.unfoldedResultBytes).toBeGreaterThan(0);
  expect(parsed.growth).toEqual({ ...growth, scalarBytes: "red".length, sharedBytes: 0 });
  expect({ ...parsed }.growth).toEqual(parsed.growth);
});
