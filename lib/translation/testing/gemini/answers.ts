import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { SIGNATURES } from "./strict";

/** What Gemini reports, cached input within the prompt and thoughts besides the candidates. */
export const USAGE = {
  promptTokenCount: 29,
  candidatesTokenCount: 15,
  thoughtsTokenCount: 804,
  totalTokenCount: 848,
  cachedContentTokenCount: 20,
};

/** The same as the ledger counts them. */
export const COUNTS = { input: 29, cached: 20, output: 819, reasoning: 804 };

/** A chunk in the middle of an answer. */
export const said = (...parts: object[]) => ({
  candidates: [{ content: { parts, role: "model" }, index: 0 }],
});

/** The last chunk of an answer. */
export const ended = (finishReason: string, ...parts: object[]) => ({
  candidates: [{ content: { parts, role: "model" }, finishReason, index: 0 }],
  usageMetadata: USAGE,
});

export const TEXT = [said({ text: "Good " }), ended("STOP", { text: "morning." })];

const call = (city: string) => ({ functionCall: { id: `fc-${city}`, name: "get_weather", args: { city } } });

/** A thought, and two calls at once: only the first has a signature. */
export const CALLS = [
  said({ text: "The user wants the weather.", thought: true }),
  said({ ...call("Paris"), thoughtSignature: SIGNATURES[0] }),
  ended("STOP", call("Rome")),
];

/** A thought, and the only call with its signature. */
export const callOf = (name: string, args: object, thought: string) => [
  said({ text: thought, thought: true }),
  ended("STOP", { functionCall: { name, args }, thoughtSignature: SIGNATURES[0] }),
];

/** The conversation that Gemini gets with the result of such a call for Paris. */
export const calledTurn = (thought: string, output: string) => [
  { role: "user", parts: [{ text: "Hello!" }] },
  {
    role: "model",
    parts: [
      { text: thought, thought: true },
      { functionCall: { name: "get_weather", args: { city: "Paris" } }, thoughtSignature: SIGNATURES[0] },
    ],
  },
  { role: "user", parts: [{ functionResponse: { name: "get_weather", response: { output } } }] },
];

/** The output bound of a request. */
export const boundIn = (body: JsonObject | undefined): unknown =>
  isObject(body?.generationConfig) ? body.generationConfig.maxOutputTokens : undefined;
