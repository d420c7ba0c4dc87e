import fc from "fast-check";
import { test } from "vitest";
import { expectSame, OPTIONS, schema, sentence, steps, word } from "./testing/round-trips";

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
