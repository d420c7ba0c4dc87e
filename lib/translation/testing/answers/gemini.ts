import type { JsonObject } from "#lib/dialects/text/json-fields";
import { wholeOf } from "#lib/translation/testing/gemini/server";
import { SIGNATURES } from "#lib/translation/testing/gemini/strict";
import { eventsOf } from "#lib/translation/testing/translate";
import type { RawAnswer, WireAnswers } from "./wire-answers";

const USAGE = {
  promptTokenCount: 100,
  cachedContentTokenCount: 50,
  candidatesTokenCount: 25,
  thoughtsTokenCount: 15,
  totalTokenCount: 140,
};
const chunk = (parts: readonly object[], finishReason?: string): JsonObject => ({
  candidates: [
    { content: { parts, role: "model" }, index: 0, ...(finishReason === undefined ? {} : { finishReason }) },
  ],
  ...(finishReason === undefined ? {} : { usageMetadata: USAGE }),
});
const answer = (parts: readonly object[], finishReason = "STOP"): RawAnswer => {
  const chunks = [...parts.map((part) => chunk([part])), chunk([], finishReason)];
  return { whole: wholeOf(chunks), events: eventsOf(chunks) };
};
const call = (id: string, city: string) => ({ functionCall: { id, name: "look", args: { city } } });
const thought = { text: "Hm.", thought: true };
const signed = { ...call("call_1", "Paris"), thoughtSignature: SIGNATURES[0] };
const grounded = {
  candidates: [
    {
      content: { parts: [{ text: "Rain." }], role: "model" },
      finishReason: "STOP",
      index: 0,
      groundingMetadata: {
        groundingChunks: [{ web: { uri: "https://example.com/a", title: "A" } }],
        groundingSupports: [
          { segment: { startIndex: 0, endIndex: 5, text: "Rain." }, groundingChunkIndices: [0] },
        ],
      },
    },
  ],
  usageMetadata: USAGE,
};
const text = answer([{ text: "Ra" }, { text: "in." }]);
const calls = answer([signed, call("call_2", "Rome")]);

/** ai.google.dev/api/generate-content */
export const geminiAnswers: WireAnswers = {
  model: "gemini-3.8-flash",
  said: {
    text,
    thinking: answer([thought, { text: "Rain." }]),
    sealed: answer([thought, signed]),
    calling: answer([signed]),
    callingTwice: calls,
    bounded: answer([{ text: "Ra" }], "MAX_TOKENS"),
    filtered: answer([{ text: "Ra" }], "SAFETY"),
    citingPages: { whole: grounded, events: eventsOf([grounded]) },
  },
  streaming: calls.events,
  counted: { inputTokens: 100, cachedTokens: 50, outputTokens: 40, reasoningTokens: 15 },
  failing: {
    first: eventsOf([{ error: { code: 503, message: "Overloaded.", status: "UNAVAILABLE" } }]),
    late: eventsOf([
      chunk([{ text: "Ra" }]),
      { error: { code: 503, message: "Overloaded.", status: "UNAVAILABLE" } },
    ]),
    cut: eventsOf([chunk([{ text: "Ra" }])]),
  },
};
