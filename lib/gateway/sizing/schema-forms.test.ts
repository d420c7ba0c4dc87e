import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { isObject } from "#lib/dialects/text/json-fields";
import { testModel } from "#lib/gateway/testing/test-model";
import { contextJudge } from "./context-window";
import { inputTokenBound } from "./estimate";

const open = testModel(null, "ai-sage/GigaChat3.5");
const toolWith = (parameters: unknown, description = "") => [
  { type: "function", function: { name: "f", description, parameters } },
];
const callOf = (fields: object) =>
  chat.parse(JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }], ...fields }));

/** As GigaChat, Kimi K2 and gpt-oss write a schema: as TypeScript, each type of a list by itself. */
function typescript(schema: unknown, indent = "  "): string {
  if (!isObject(schema)) return "any";
  const { type } = schema;
  if (Array.isArray(type))
    return type
      .map((each) => (each === "null" ? "(null)" : `(${typescript({ ...schema, type: each }, indent)})`))
      .join(" | ");
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (type === "array") return `(${typescript(schema.items, indent)})[]`;
  if (type !== "object") return String(type);
  const fields = Object.entries(isObject(schema.properties) ? schema.properties : {}).map(
    ([name, field]) =>
      `${comment(isObject(field) ? field.description : "", indent)}${indent}${name}?: ${typescript(field, `${indent}  `)},\n`,
  );
  return `{\n${fields.join("")}${indent.slice(2)}}`;
}

const comment = (description: unknown, indent: string): string =>
  typeof description === "string" && description !== ""
    ? description
        .split("\n")
        .map((line) => `${indent}// ${line}\n`)
        .join("")
    : "";

const description = fc
  .array(fc.constantFrom("a", "b c", ""), { maxLength: 40 })
  .map((lines) => lines.join("\n"));
const single = fc.constantFrom("string", "integer", "object", "array");
const names = fc.stringMatching(/^[a-z]{1,5}$/);
const schema = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.record({ type: single, description }, { requiredKeys: ["type"] }),
    fc.record(
      {
        type: fc.oneof(
          single,
          fc.array(fc.oneof(single, fc.constant("null")), { minLength: 1, maxLength: 3 }),
        ),
        description,
        enum: fc.array(fc.constantFrom("x", "7".repeat(50)), { minLength: 1, maxLength: 3 }),
        properties: fc.dictionary(names, tie("node"), { maxKeys: 3 }),
        items: tie("node"),
      },
      { requiredKeys: ["type"] },
    ),
  ),
})).node;

test("a schema as TypeScript is held for, whatever it is", () => {
  fc.assert(
    fc.property(schema, description, (given, said) => {
      const call = callOf({ tools: toolWith(given, said) });
      const written = `${comment(said, "")}type f = (_: ${typescript(given)}) => any;\n`;
      if (call.media.unfoldedParam === null)
        expect(inputTokenBound(call, open)).toBeGreaterThanOrEqual(Buffer.byteLength(written));
    }),
    { numRuns: 300 },
  );
});

describe("what multiplies within a schema", () => {
  const lines = "a\n".repeat(4_000);
  function nested(levels: number, inner: object): object {
    return levels === 0 ? inner : { type: "object", properties: { a: nested(levels - 1, inner) } };
  }

  test("is the indentation of each line of a description", () => {
    const parameters = nested(40, { type: "string", description: lines });
    const written = typescript(parameters);
    expect(written.length).toBeGreaterThan(4_000 * 80);
    expect(inputTokenBound(callOf({ tools: toolWith(parameters) }), open)).toBeGreaterThan(written.length);
  });

  test("is what belongs to each of several types", () => {
    const parameters = { type: Array(200).fill("string"), enum: ["7".repeat(1_000)] };
    expect(inputTokenBound(callOf({ tools: toolWith(parameters) }), open)).toBeGreaterThan(200_000);
  });

  test.each<[string, object]>([
    ["types within types", nestedUnions(30)],
    [
      "references within types",
      {
        type: ["object", "object"],
        properties: { a: { $ref: "#/$defs/d" } },
        $defs: { d: { type: "string", enum: ["x"] } },
      },
    ],
  ])("holds the context window where it has no bound: %s", async (_, parameters) => {
    const call = callOf({ tools: toolWith(parameters) });
    expect(inputTokenBound(call, testModel(131_072, "ai-sage/GigaChat3.5"))).toBe(131_072);
    expect(await contextJudge(chat, call).rejection(open)).toMatchObject({
      code: "invalid_request",
      param: "tools",
    });
  });

  test("is nothing in a nullable type", () => {
    const of = (type: unknown) =>
      inputTokenBound(callOf({ tools: toolWith({ type, enum: ["a", "b"] }) }), open);
    // The list costs its own bytes and indentation alone.
    expect(of(["string", "null"]) - of("string")).toBeLessThan(80);
  });

  test("is the deeper indentation of a call's arguments (Command R)", () => {
    const given = JSON.stringify({ a: Array(2_000).fill(1) });
    const messages = [
      { role: "user", content: "x" },
      {
        role: "assistant",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: given } }],
      },
    ];
    const written = JSON.stringify(JSON.parse(given), null, 4).replaceAll("\n", `\n${" ".repeat(8)}`);
    expect(inputTokenBound(callOf({ messages }), open)).toBeGreaterThan(written.length);
  });
});

function nestedUnions(levels: number): object {
  if (levels === 0) return { type: "string" };
  return { type: ["object", "object", "null"], properties: { a: nestedUnions(levels - 1) } };
}
