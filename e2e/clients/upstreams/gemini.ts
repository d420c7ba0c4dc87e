import { isObject } from "#lib/dialects/text/json-fields";
import { fakeGemini } from "#lib/translation/testing/gemini/server";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";
import {
  fieldsNamed,
  next,
  type ScriptedUpstream,
  type ScriptedWire,
  textsNamed,
  usageWithReasoning,
} from "./script";

const wire: ScriptedWire = {
  told: ({ tools, contents }) => ({
    tools: textsNamed("name", tools),
    results: fieldsNamed("functionResponse", contents).map((one) =>
      isObject(one) ? JSON.stringify(one.response) : "",
    ),
    reasoning: textsNamed("thoughtSignature", contents),
    pictures: textsNamed("data", fieldsNamed("inlineData", contents)),
  }),
  reasoningOf: (turn) => SIGNATURES[turn % 2 === 0 ? 0 : 1],
  usageOf: usageWithReasoning,
};

/** A strict Gemini that works through a script. */
export async function scriptedGemini(): Promise<ScriptedUpstream> {
  const script: ScriptedUpstream["script"] = { calls: [], requests: [] };
  const fake = await fakeGemini((_, body) => {
    const { said, request, turn } = next(script, wire.told(body));
    const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = wire.usageOf(request);
    const parts =
      "text" in said
        ? [{ text: said.text }]
        : [
            { text: said.thought, thought: true },
            { functionCall: said.call, thoughtSignature: wire.reasoningOf(turn) },
          ];
    const chunk = (part: object, finishReason?: string) => ({
      candidates: [{ content: { parts: [part], role: "model" }, finishReason, index: 0 }],
      usageMetadata: {
        promptTokenCount: inputTokens,
        cachedContentTokenCount: cachedTokens,
        candidatesTokenCount: outputTokens - reasoningTokens,
        thoughtsTokenCount: reasoningTokens,
        totalTokenCount: inputTokens + outputTokens,
      },
    });
    return { chunks: parts.map((part, at) => chunk(part, at === parts.length - 1 ? "STOP" : undefined)) };
  });
  return {
    ...wire,
    name: "Gemini",
    provider: { type: "google", base_url: `${fake.url}/v1beta`, credentials: { api_key: "AIza-clients" } },
    upstreamModel: "gemini-3-flash-preview",
    script,
  };
}
