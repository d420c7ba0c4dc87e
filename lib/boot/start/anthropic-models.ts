import type { FirstModel } from "./first-model";

/**
 * Anthropic's models as of November 2026, newest first: what its documentation
 * (platform.claude.com/docs/en/about-claude/models/overview, and …/model-deprecations for the dates) lists and the
 * price catalogue knows. Without those of invited customers, and without Haiku 5.5 and Fable 5.2, of which the
 * catalogue has no price yet.
 */
export const ANTHROPIC_MODELS: readonly FirstModel[] = [
  { name: "claude-fable-5-1", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-opus-5-5", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-sonnet-5-5", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-opus-5", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-sonnet-5", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-opus-4-8", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-opus-4-7", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-opus-4-6", contextWindow: 1_000_000, maxOutputTokens: 128_000 },
  { name: "claude-sonnet-4-6", contextWindow: 1_000_000, maxOutputTokens: 64_000 },
  {
    name: "claude-opus-4-5",
    aliases: ["claude-opus-4-5-20251101"],
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    shutsDownOn: "2027-01-22",
  },
  {
    name: "claude-haiku-4-5",
    aliases: ["claude-haiku-4-5-20251001"],
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
  },
  {
    name: "claude-sonnet-4-5",
    aliases: ["claude-sonnet-4-5-20250929"],
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    shutsDownOn: "2026-11-30",
  },
];
