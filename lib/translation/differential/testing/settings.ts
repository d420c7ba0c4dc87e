import { ANSWER } from "#lib/translation/testing/conversations";
import type { Conversation } from "./asked";

/** How much to reason, by the AI SDK's provider. */
const effort = (level: "low" | "high") => ({
  anthropic: { thinking: { type: "adaptive" }, effort: level },
  google: { thinkingConfig: { thinkingLevel: level, includeThoughts: true } },
  bedrock: { reasoningConfig: { type: "enabled", maxReasoningEffort: level } },
  openai: { reasoningEffort: level, reasoningSummary: "auto" },
  compatible: { reasoningEffort: level },
});

/** What is asked of an answer: its form, its reasoning and its sampling. */
export const SETTINGS: readonly Conversation[] = [
  {
    name: "answer by a JSON schema",
    ours: {
      response_format: { type: "json_schema", json_schema: { name: "a", schema: ANSWER, strict: true } },
    },
    theirs: { responseFormat: { type: "json", name: "a", schema: ANSWER } },
  },
  {
    name: "answer in JSON",
    ours: { response_format: { type: "json_object" } },
    theirs: { responseFormat: { type: "json" } },
  },
  { name: "little reasoning", ours: { reasoning_effort: "low" }, theirs: { providerOptions: effort("low") } },
  { name: "much reasoning", ours: { reasoning_effort: "high" }, theirs: { providerOptions: effort("high") } },
  {
    name: "no reasoning",
    ours: { reasoning_effort: "none" },
    theirs: {
      providerOptions: {
        anthropic: { thinking: { type: "disabled" } },
        google: { thinkingConfig: { thinkingBudget: 0 } },
        bedrock: { reasoningConfig: { type: "disabled" } },
        openai: { reasoningEffort: "none" },
        compatible: { reasoningEffort: "none" },
      },
    },
  },
  {
    name: "a budget of reasoning",
    dialect: "messages",
    ours: { thinking: { type: "enabled", budget_tokens: 2_000 } },
    theirs: {
      providerOptions: {
        anthropic: { thinking: { type: "enabled", budgetTokens: 2_000 } },
        google: { thinkingConfig: { thinkingBudget: 2_000, includeThoughts: true } },
        bedrock: { reasoningConfig: { type: "enabled", budgetTokens: 2_000 } },
      },
    },
  },
  { name: "stop sequences", ours: { stop: ["END"] }, theirs: { stopSequences: ["END"] } },
  { name: "temperature", ours: { temperature: 0.5 }, theirs: { temperature: 0.5 } },
  { name: "a high temperature", ours: { temperature: 1.5 }, theirs: { temperature: 1.5 } },
  { name: "top_p", ours: { top_p: 0.5 }, theirs: { topP: 0.5 } },
  {
    name: "temperature and top_p",
    ours: { temperature: 0.5, top_p: 0.5 },
    theirs: { temperature: 0.5, topP: 0.5 },
  },
  { name: "top_k", dialect: "messages", ours: { top_k: 5 }, theirs: { topK: 5 } },
  { name: "seed", ours: { seed: 7 }, theirs: { seed: 7 } },
  {
    name: "penalties",
    ours: { frequency_penalty: 0.5, presence_penalty: 0.5 },
    theirs: { frequencyPenalty: 0.5, presencePenalty: 0.5 },
  },
  {
    name: "the end user",
    ours: { user: "u1" },
    theirs: {
      providerOptions: {
        anthropic: { metadata: { userId: "u1" } },
        openai: { user: "u1" },
        compatible: { user: "u1" },
      },
    },
  },
  {
    name: "verbosity",
    ours: { verbosity: "low" },
    theirs: {
      providerOptions: {
        openai: { textVerbosity: "low" },
        compatible: { textVerbosity: "low" },
      },
    },
  },
];
