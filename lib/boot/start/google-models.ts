import type { FirstModel } from "./first-model";

/** All of them have the same (ai.google.dev/gemini-api/docs/models). */
const LIMITS = { contextWindow: 1_048_576, maxOutputTokens: 65_536 };

/**
 * Google's models as of November 2026, newest first: what its documentation (ai.google.dev/gemini-api/docs/models, and
 * …/deprecations for the dates) lists for text and the price catalogue knows.
 */
export const GOOGLE_MODELS: readonly FirstModel[] = [
  { name: "gemini-3.8-flash", ...LIMITS },
  { name: "gemini-3.7-flash", ...LIMITS },
  { name: "gemini-3.6-flash", ...LIMITS },
  { name: "gemini-3.5-flash", ...LIMITS },
  { name: "gemini-3.5-flash-lite", ...LIMITS },
  { name: "gemini-3.1-pro-preview", ...LIMITS },
  { name: "gemini-3.1-flash-lite", ...LIMITS, shutsDownOn: "2027-05-07" },
];
