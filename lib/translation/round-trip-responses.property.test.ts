import fc from "fast-check";
import { test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { inputFile, inputImage, PDF, PNG } from "./testing/conversations";
import { expectSame, OPTIONS, schema, sentence, steps, word } from "./testing/round-trips";

const said = (role: string, ...content: object[]) => ({ type: "message", role, content });
const input = (text: string) => ({ type: "input_text", text });
const output = (text: string) => ({ type: "output_text", text });
const reasoning = (encrypted: string, summary: string) => ({
  type: "reasoning",
  summary: [{ type: "summary_text", text: summary }],
  encrypted_content: encrypted,
});

const medium = fc.constantFrom(
  inputImage(`data:image/png;base64,${PNG}`),
  inputImage("https://example.com/a.png"),
  inputFile(PDF),
);
/** What a user shows, and whether a tool's result has a picture; a step of the model has reasoning, or has not. */
const shown = fc.array(medium, { maxLength: 2 });
const thoughts = fc.option(fc.stringMatching(/^gAAAA[A-Za-z0-9_-]{8}={0,2}$/), { nil: null });

const conversation = fc
  .record({ steps, shown, thoughts, instructions: sentence })
  .map(({ steps, shown, thoughts, instructions }): JsonObject[] => [
    said("developer", input(instructions)),
    ...steps.flatMap(({ asked, said: answer, calls }, step) => [
      said("user", input(asked), ...shown),
      ...(thoughts === null ? [] : [reasoning(thoughts, answer)]),
      said("assistant", output(answer)),
      ...calls.map(({ args }, at) => ({
        type: "function_call",
        call_id: `call_${step}_${at}`,
        name: "look",
        arguments: JSON.stringify(args),
      })),
      ...calls.map(({ result }, at) => ({
        type: "function_call_output",
        call_id: `call_${step}_${at}`,
        output: at === 0 && shown.length > 0 ? [input(result), ...shown] : result,
      })),
    ]),
    said("developer", input(instructions)),
  ]);

const choice = fc.oneof(
  fc.constantFrom("auto", "none", "required"),
  fc.constant({ type: "function", name: "look" }),
);
const format = fc.oneof(
  fc.constant({ type: "json_object" }),
  fc.record({ name: word, description: sentence, schema, strict: fc.boolean() }).map((described) => ({
    type: "json_schema",
    ...described,
  })),
);
const common = {
  max_output_tokens: fc.constant(OPTIONS.maxTokens),
  tool_choice: choice,
  parallel_tool_calls: fc.boolean(),
  safety_identifier: word,
  prompt_cache_key: word,
};
const tools = fc
  .record({ schema, strict: fc.boolean(), description: sentence })
  .map(({ schema, ...described }) => [{ type: "function", name: "look", ...described, parameters: schema }]);

const request = (model: string, settings: fc.Arbitrary<object>) =>
  fc.record({ conversation, tools, settings }).map(({ conversation, tools, settings }) => ({
    model,
    store: false,
    input: conversation,
    tools,
    max_output_tokens: OPTIONS.maxTokens,
    ...settings,
  }));

test("a request for a response is the same after it was decoded and encoded, for a model that reasons", () => {
  const settings = fc
    .record(
      {
        ...common,
        reasoning: fc.record(
          { effort: fc.constantFrom("minimal", "low", "medium", "high"), summary: fc.constant("auto") },
          { requiredKeys: ["effort"] },
        ),
        text: fc.record({ format, verbosity: fc.constantFrom("low", "medium", "high") }),
      },
      { requiredKeys: [] },
    )
    .map((settings) => ({ ...settings, include: ["reasoning.encrypted_content"] }));
  expectSame("responses", request("gpt-5.2", settings), { ...OPTIONS, upstreamModel: "gpt-5.2" });
});

test("the same for a model that does not", () => {
  const settings = fc.record(
    {
      ...common,
      temperature: fc.constantFrom(0, 0.5, 2),
      top_p: fc.constantFrom(0.1, 1),
      text: fc.record({ format }),
    },
    { requiredKeys: [] },
  );
  expectSame("responses", request("gpt-4.1", settings), { ...OPTIONS, upstreamModel: "gpt-4.1" });
});
