import { expect, test } from "vitest";
import type { Dialect } from "#lib/dialects/dialect";
import { messages } from "#lib/dialects/messages/dialect";
import { responses } from "#lib/dialects/responses/dialect";
import { collectGarbage } from "#lib/testing/collect-garbage";

const RESULT = '{"$ref": "#/$defs/a", "$defs": {"a": {"b": 1}}}';
const written = (at: number) => ({ path: `/${at}<&>.ts`, lines: 1e15 });
const parameters = { type: "object", properties: { path: { type: ["string", "integer"] } } };
const listOf = <Item>(count: number, itemOf: (at: number) => Item) =>
  Array.from({ length: count }, (_, at) => itemOf(at));

const messagesBody = (count: number) => ({
  model: "m",
  max_tokens: 9,
  system: "Be brief.",
  messages: [
    { role: "user", content: "Hi" },
    {
      role: "assistant",
      content: listOf(count, (at) => ({ type: "tool_use", id: `c${at}`, name: "write", input: written(at) })),
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "c0", content: RESULT },
        { type: "tool_result", tool_use_id: "c1", content: [{ type: "tool_reference", tool_name: "t0" }] },
      ],
    },
  ],
  tools: [
    { type: "bash_20250124", name: "bash" },
    ...listOf(count, (at) => ({ name: `t${at}`, description: "Writes.\nSo.", input_schema: parameters })),
  ],
  colour: "red",
});
const responsesBody = (count: number) => ({
  model: "m",
  instructions: "Be brief.",
  input: [
    { role: "user", content: "Hi" },
    ...listOf(count, (at) => ({
      type: "function_call",
      call_id: `c${at}`,
      name: "write",
      arguments: JSON.stringify(written(at)),
    })),
    { type: "function_call_output", call_id: "c0", output: RESULT },
    { type: "additional_tools", tools: [{ type: "function", name: "late", parameters }] },
  ],
  tools: [
    { type: "shell" },
    ...listOf(count, (at) => ({ type: "function", name: `t${at}`, description: "Writes.\nSo.", parameters })),
  ],
  colour: "red",
});

test.each<[string, Dialect, (count: number) => object]>([
  ["messages", messages, messagesBody],
  ["responses", responses, responsesBody],
])(
  "a large body of %s grows as a small one does, also if it is not in memory any more",
  async (_, dialect, bodyOf) => {
    const small = JSON.stringify(bodyOf(3));
    const large = JSON.stringify(bodyOf(600));
    expect(small.length).toBeLessThan(65_536);
    expect(large.length).toBeGreaterThan(65_536);
    const kept = dialect.parse(large);
    const growth = kept.growth;
    const collected = dialect.parse(large);
    await collectGarbage();
    expect(collected.growth).toEqual(growth);
    expect({ ...kept }.growth).toEqual(growth);

    const ofSmall = dialect.parse(small).growth;
    expect(ofSmall.unfoldedResultBytes).toBeGreaterThan(0);
    expect(growth.unfoldedResultBytes).toBe(ofSmall.unfoldedResultBytes);
    expect(growth.scalarBytes).toBe("red".length);
    // The shell or the editor, and for each tool its types and its line break.
    expect(ofSmall.schemaBytes).toBeGreaterThan(1_500);
    expect(growth.schemaBytes - ofSmall.schemaBytes).toBeGreaterThan(597 * 30);
    expect(growth.repeats.tools - ofSmall.repeats.tools).toBe(597);
  },
);
