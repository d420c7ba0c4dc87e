import type { FirstModel } from "./first-model";

/**
 * OpenAI's general chat models as of November 2026, newest first: what its documentation
 * (developers.openai.com/api/docs/models, and …/deprecations for the dates) lists, /v1/chat/completions
 * serves and the price catalogue knows. Without dated snapshots, models only for the Responses API (pro, codex,
 * deep research, computer use), and models that bill more than text (audio, realtime, search, image).
 */
export const OPENAI_CHAT_MODELS: readonly FirstModel[] = [
  { name: "gpt-6-astra", contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  { name: "gpt-6-sol", contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  { name: "gpt-6-luna", contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  // OpenAI itself serves gpt-5.6 as Sol.
  { name: "gpt-5.6-sol", aliases: ["gpt-5.6"], contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.6-terra", contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.6-luna", contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.5", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.4", contextWindow: 1_050_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.4-mini", contextWindow: 400_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.4-nano", contextWindow: 400_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.2", contextWindow: 400_000, maxOutputTokens: 128_000 },
  { name: "gpt-5.1", contextWindow: 400_000, maxOutputTokens: 128_000, shutsDownOn: "2027-04-01" },
  { name: "gpt-5", contextWindow: 400_000, maxOutputTokens: 128_000, shutsDownOn: "2026-12-11" },
  { name: "gpt-5-mini", contextWindow: 400_000, maxOutputTokens: 128_000, shutsDownOn: "2026-12-11" },
  { name: "gpt-5-nano", contextWindow: 400_000, maxOutputTokens: 128_000, shutsDownOn: "2026-12-11" },
  { name: "gpt-4.1", contextWindow: 1_047_576, maxOutputTokens: 32_768, shutsDownOn: "2027-01-14" },
  { name: "gpt-4.1-mini", contextWindow: 1_047_576, maxOutputTokens: 32_768, shutsDownOn: "2027-01-14" },
  { name: "gpt-4o", contextWindow: 128_000, maxOutputTokens: 16_384, shutsDownOn: "2027-01-14" },
  { name: "gpt-4o-mini", contextWindow: 128_000, maxOutputTokens: 16_384, shutsDownOn: "2027-01-14" },
  { name: "o3", contextWindow: 200_000, maxOutputTokens: 100_000, shutsDownOn: "2026-12-11" },
];
