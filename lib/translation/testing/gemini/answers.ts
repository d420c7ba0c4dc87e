import { SIGNATURES } from "./strict";

/** What Gemini reports, cached input within the prompt and thoughts besides the candidates. */
export const USAGE = {
  promptTokenCount: 29,
  candidatesTokenCount: 15,
  thoughtsTokenCount: 804,
  totalTokenCount: 848,
  cachedContentTokenCount: 20,
};

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
