import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { clientNamed, wireNamed } from "./testing/translate";
import type { EncodeOptions } from "./turn";

const OPTIONS = {
  upstreamModel: "claude-sonnet-4-5",
  stream: false,
  maxTokens: 4_000,
  defaultMaxTokens: 1,
  outputLimitField: "max_tokens",
  streamUsage: true,
  accepts: () => true,
};

const word = fc.stringMatching(/^[a-z]{1,12}$/);
/** Anthropic takes no white space at the end of what its model has said last. */
const sentence = fc
  .string({ minLength: 1, maxLength: 40 })
  .map((text) => text.trim())
  .filter((text) => text !== "");
const args = fc.dictionary(word, fc.oneof(sentence, fc.integer(), fc.boolean()), { maxKeys: 3 });
const schema = fc.record({
  type: fc.constant("object"),
  properties: fc.dictionary(word, fc.constant({ type: "string" })),
});

/** A conversation in which each turn of the model makes calls, and the user gives their results. */
const steps = fc.array(
  fc.record({
    asked: sentence,
    said: sentence,
    calls: fc.array(fc.record({ args, result: sentence }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const settings = fc.record(
  { temperature: fc.constantFrom(0, 0.5, 1), stop: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: [] },
);

const text = (said: string) => ({ type: "text", text: said });

test("a request in Anthropic's dialect is the same after it was decoded and encoded", () => {
  const request = fc
    .record({ steps, settings, system: sentence, schema })
    .map(({ steps, settings, system, schema }) => ({
      model: OPTIONS.upstreamModel,
      max_tokens: OPTIONS.maxTokens,
      messages: steps.flatMap(({ asked, said, calls }, step) => [
        { role: "user", content: [text(asked)] },
        {
          role: "assistant",
          content: [
            text(said),
            ...calls.map(({ args }, at) => ({
              type: "tool_use",
              id: `toolu_${step}_${at}`,
              name: "look",
              input: args,
            })),
          ],
        },
        ...(calls.length === 0
          ? []
          : [
              {
                role: "user",
                content: calls.map(({ result }, at) => ({
                  type: "tool_result",
                  tool_use_id: `toolu_${step}_${at}`,
                  content: [text(result)],
                })),
              },
              { role: "assistant", content: [text(said)] },
            ]),
      ]),
      system: [text(system)],
      tools: [{ name: "look", description: "Looks", input_schema: schema }],
      ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
      ...(settings.stop === undefined ? {} : { stop_sequences: settings.stop }),
    }));
  expectSame("messages", request, OPTIONS);
});

test("a request in OpenAI's chat dialect is the same after it was decoded and encoded", () => {
  const request = fc
    .record({ steps, settings, system: sentence, schema })
    .map(({ steps, settings, system, schema }) => ({
      model: "gpt-4.1",
      messages: [
        { role: "system", content: system },
        ...steps.flatMap(({ asked, said, calls }, step) => [
          { role: "user", content: asked },
          {
            role: "assistant",
            content: said,
            ...(calls.length === 0
              ? {}
              : {
                  tool_calls: calls.map(({ args }, at) => ({
                    id: `call_${step}_${at}`,
                    type: "function",
                    function: { name: "look", arguments: JSON.stringify(args) },
                  })),
                }),
          },
          ...calls.map(({ result }, at) => ({
            role: "tool",
            tool_call_id: `call_${step}_${at}`,
            content: result,
          })),
        ]),
      ],
      max_tokens: OPTIONS.maxTokens,
      tools: [{ type: "function", function: { name: "look", description: "Looks", parameters: schema } }],
      ...settings,
    }));
  expectSame("chat", request, { ...OPTIONS, upstreamModel: "gpt-4.1" });
});

/** Expects that requests come out of a wire as they went in by the dialect of the same name. */
function expectSame(name: string, request: fc.Arbitrary<JsonObject>, options: EncodeOptions): void {
  fc.assert(
    fc.property(request, (body) => {
      const { dropped, refused, ...encoded } = wireNamed(name).encode(
        clientNamed(name).decode(body),
        options,
      );
      expect({ dropped, refused }).toEqual({ dropped: [], refused: [] });
      expect(JSON.parse(JSON.stringify(encoded.body))).toEqual(body);
    }),
  );
}
