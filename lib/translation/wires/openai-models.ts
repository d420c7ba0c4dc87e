import { byName } from "#lib/providers/by-name";

/** What a model takes of the fields of OpenAI's dialects that others refuse. */
export type OpenAiTraits = {
  /** Whether `reasoning_effort` tells it how much to reason. */
  hasEffort: boolean;
  /** Whether it takes settings of the sampling and stop sequences: OpenAI's reasoning models do not. */
  hasSampling: boolean;
  /** Whether it is OpenAI's, which refuses fields that it does not know, and knows a few that no other does. */
  isOpenAi: boolean;
};

/** OpenAI's models, wherever they are served (developers.openai.com/api/docs/models); gpt-oss is served by others. */
const OPENAI = /(?:^|[/.:])(?:gpt-\d|chatgpt|o\d)/;
const OPENAI_REASONING = /(?:^|[/.:])(?:gpt-(?:[5-9]|\d{2})(?!.*-chat)|o\d)/;
/** docs.x.ai/docs/guides/reasoning, console.groq.com/docs/reasoning, ai.google.dev/gemini-api/docs/openai */
const WITH_EFFORT = /gpt-oss|grok-[3-9].*mini|grok-[4-9]\.\d|gemini-[2-9]/;

/** What a model takes, by its name. */
export const openAiTraits = byName((model): OpenAiTraits => {
  const reasons = OPENAI_REASONING.test(model);
  return {
    hasEffort: reasons || WITH_EFFORT.test(model),
    hasSampling: !reasons,
    isOpenAi: OPENAI.test(model),
  };
});
