import gpt4o from "gpt-tokenizer/model/gpt-4o";
import { describe, expect, test } from "vitest";
import type { Model } from "#lib/gateway/routing/routing";
import { testModel } from "#lib/gateway/testing/test-model";
import { clientNamed, sentBy, translationOf } from "#lib/translation/testing/translate";
import { inputTokenBound } from "./estimate";
import { countedInputBound } from "./spending-bound";

const { dialect } = clientNamed("messages");
const bodyWith = (input: object) => ({
  model: "m",
  max_tokens: 16,
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "b" }] },
  ],
  tools: [{ name: "f", input_schema: { type: "object" } }],
});

/** A model of OpenAI's that messages are translated to, or that a server of theirs serves itself. */
function modelBy(wire: string | null, upstreamModel: string): Model {
  const model = testModel(200_000, upstreamModel);
  const translation = wire === null ? null : translationOf("messages", wire, upstreamModel);
  return { ...model, routes: model.routes.map((route) => ({ ...route, dialect: "messages", translation })) };
}

async function heldFor(input: object, model: Model): Promise<number> {
  const call = dialect.parse(JSON.stringify(bodyWith(input)));
  return countedInputBound(dialect, call, model, inputTokenBound(call, model));
}

const tokensOf = (text: string) => gpt4o.countTokens(text, { disallowedSpecial: new Set<string>() });
const inAscii = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Texts that are far longer as a part of a text that is JSON. */
const INPUTS = {
  "line breaks": { a: "\n".repeat(2_000) },
  tabs: { a: "\t\n".repeat(1_000) },
  quotes: { a: '"'.repeat(2_000) },
  backslashes: { a: "\\".repeat(2_000) },
  "control characters": { a: "\u0001".repeat(2_000) },
  names: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`\n\t"${at}`, 1])),
  code: { old_string: '\n\tif (x) {\n\t\treturn "y";\n\t}'.repeat(100) },
};

describe("arguments that are no text are held as the text that OpenAI's models get:", () => {
  describe.each(["chat", "responses"])("by %s,", (wire) => {
    test.each(Object.entries(INPUTS))("%s", async (_, input) => {
      const { sent } = sentBy("messages", wire, "gpt-4o", bodyWith(input));
      const written = JSON.stringify(input);
      expect(JSON.stringify(sent)).toContain(JSON.stringify(written));
      expect(await heldFor(input, modelBy(wire, "gpt-4o"))).toBeGreaterThan(tokensOf(written));
    });
  });

  test.each<[string, object]>([
    ...Object.entries(INPUTS),
    ["other letters", { a: "世界和平".repeat(500) }],
    ["emoji", { a: "🦄".repeat(500) }],
  ])("by a server that makes ASCII of them: %s", async (_, input) => {
    expect(await heldFor(input, modelBy(null, "gpt-4o"))).toBeGreaterThan(
      tokensOf(inAscii(JSON.stringify(input))),
    );
  });

  test("prose stays what it is", async () => {
    const text = "The ferry leaves at five. ".repeat(200);
    const held = await heldFor({ a: text }, modelBy("responses", "gpt-4o"));
    expect(held).toBeLessThan(1.2 * tokensOf(text));
  });
});
