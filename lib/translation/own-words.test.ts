import { expect, test } from "vitest";
import { decodeChat } from "./clients/chat/decode";
import { ownBytes } from "./own-words";
import { callOf, sentBy, translationOf } from "./testing/translate";

/** The words of all strings within a value. */
function wordsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(wordsIn) : [];
}
const bytesOf = (value: unknown): number =>
  wordsIn(value).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const name = "x".repeat(64);
/** Bodies in which a wire writes most of its own. */
const BODIES = [
  { messages: [{ role: "user", content: "a" }, ...Array(50).fill({ role: "system", content: "b" })] },
  { messages: [{ role: "assistant", content: "a" }] },
  {
    messages: [{ role: "user", content: "a" }],
    tools: Array.from({ length: 50 }, (_, at) => ({
      type: "function",
      function: { name: `${at}`.padEnd(64, "f"), parameters: { type: "object", properties: {} } },
    })),
  },
  {
    messages: [
      { role: "user", content: "a" },
      {
        role: "assistant",
        tool_calls: [{ id: "1", type: "custom", custom: { name, input: '"\\\n\u0001'.repeat(50) } }],
      },
      { role: "tool", tool_call_id: "1", content: "" },
    ],
    tools: [
      {
        type: "custom",
        custom: { name, format: { type: "grammar", grammar: { syntax: "lark", definition: "g" } } },
      },
    ],
  },
];
const inner = { type: "object", properties: { deep: { type: "string" } } };
const open = {
  type: "object",
  properties: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`p${at}`, inner])),
};

test("what closes a schema for Claude is within the bound, byte by byte", () => {
  const asked = {
    model: "m",
    messages: [{ role: "user", content: "a" }],
    tools: [{ type: "function", function: { name: "f", description: "F.", parameters: open, strict: true } }],
    response_format: { type: "json_schema", json_schema: { name: "n", schema: open } },
  };
  const { sent } = sentBy("chat", "messages", "claude-opus-4-6", asked);
  const { tools: [tool] = [], output_config: config } = Object(sent);
  const closed = [tool.input_schema, config.format.schema].map((schema) => JSON.stringify(schema).length);
  expect(closed[0]).toBeGreaterThan(JSON.stringify(open).length + 1_000);
  const own =
    ownBytes(decodeChat(asked)) - ownBytes(decodeChat({ ...asked, tools: [], response_format: null }));
  expect(own).toBe((closed[0] ?? 0) + (closed[1] ?? 0) - 2 * JSON.stringify(open).length);
});

test("what wraps the arguments of a call that are no object is within the bound, byte by byte", () => {
  const asked = (args: string) => ({
    model: "m",
    messages: [
      {
        role: "assistant",
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: args } }],
      },
      { role: "tool", tool_call_id: "1", content: "" },
    ],
  });
  const plain = ownBytes(decodeChat(asked("{}")));
  for (const args of ['{"a":', '"\\\n', "[1]", "words", '{"a":1}', ""]) {
    const { sent } = sentBy("chat", "responses", "gpt-5", asked(args));
    const { arguments: said } = Object(sent.input)[0];
    expect(JSON.parse(said)).toEqual(
      args.startsWith('{"a":1') || args === "" ? JSON.parse(args || "{}") : { input: args },
    );
    expect(ownBytes(decodeChat(asked(args))) - plain).toBe(args === "" ? 0 : said.length - args.length);
  }
});

test("what makes a schema one of an object is within the bound, byte by byte", () => {
  const hi = { model: "m", messages: [{ role: "user", content: "a" }] };
  for (const parameters of [{}, { type: "object" }, { anyOf: [open] }, open, undefined]) {
    const asked = {
      ...hi,
      tools: [{ type: "function", function: { name: "f", description: "F.", parameters } }],
    };
    const { tools: [tool] = [] } = Object(sentBy("chat", "responses", "gpt-5", asked).sent);
    const added = JSON.stringify(tool.parameters).length - JSON.stringify(parameters ?? {}).length;
    expect(ownBytes(decodeChat(asked)) - ownBytes(decodeChat(hi))).toBe(added);
  }
});

/** Words that name a role, a type or a setting are no text of the model's. */
const STRUCTURE_BYTES_PER_PART = 64;

test.each(["gemini", "messages", "responses"])(
  "what the wire %s writes of its own is within the bound",
  (wire) => {
    for (const body of BODIES) {
      const asked = { model: "m", ...body };
      const { sent } = sentBy("chat", wire, "gpt-5", asked);
      const parts = body.messages.length + (body.tools?.length ?? 0) + 2;
      const own = ownBytes(decodeChat(asked));
      expect(bytesOf(sent)).toBeLessThanOrEqual(bytesOf(asked) + own + parts * STRUCTURE_BYTES_PER_PART);
    }
  },
);

test("tools that the wire messages defines for earlier calls are within the bound, with their instructions", () => {
  const of = (name: string) => ({ id: name, type: "function", function: { name, arguments: "{}" } });
  const asked = {
    model: "m",
    messages: [{ role: "assistant", tool_calls: Array.from({ length: 50 }, (_, at) => of(`tool_${at}`)) }],
  };
  const lane = translationOf("chat", "messages", "claude-sonnet-4-5");
  const { tools } = Object(sentBy("chat", "messages", "claude-sonnet-4-5", asked).sent);
  const own = lane.plan(callOf("chat", asked)).ownBytes - ownBytes(decodeChat(asked));
  expect(tools).toHaveLength(50);
  // A thousand tokens of instructions are more than Claude has had.
  expect(own).toBeGreaterThanOrEqual(1_000 + JSON.stringify(tools).length - 2);
});

test("an ordinary request gets hardly any words of a wire's own", () => {
  const body = {
    model: "m",
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content: "a" },
    ],
  };
  expect(ownBytes(decodeChat(body))).toBeLessThan(30);
  expect(callOf("chat", body).model).toBe("m");
});
