import type { Wire } from "./wire";

/**
 * The wire of Gemini's models, which no client of ours speaks: lib/translation has its requests and answers. A model may
 * be named as Google lists it: `models/…`.
 */
export const GEMINI_WIRE: Wire = {
  dialect: "gemini",
  path: ({ upstreamModel, stream }) =>
    `models/${encodeURIComponent(upstreamModel.replace(/^models\//, ""))}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  outputLimitField: "maxOutputTokens",
  streamUsage: true,
};
