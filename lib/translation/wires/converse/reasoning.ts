import { type BlockKinds, lacksThinking } from "#lib/dialects/messages/begun-turn";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { asksToReason, type EncodeOptions, type Turn } from "#lib/translation/turn";
import { effortOfBudget } from "#lib/translation/wires/effort";
import { thinkingOf } from "#lib/translation/wires/messages/thinking";
import type { Notes } from "#lib/translation/wires/notes";
import type { Said } from "#lib/translation/wires/turns";
import type { ConverseTraits } from "./models";

/** How a request asks for reasoning: what it adds, and whether the sampling and the bound are then the model's own. */
export type Asked = { additional: JsonObject; effort: string | undefined; hasOwnSampling: boolean };

const NOTHING: Asked = { additional: {}, effort: undefined, hasOwnSampling: false };

type Level = "low" | "medium" | "high";
/** At least low, and no more than high. */
function levelOf({ reasoning: { effort, budgetTokens } }: Turn): Level {
  switch (effort?.value) {
    case undefined:
      return budgetTokens === null ? "medium" : effortOfBudget(budgetTokens.value);
    case "none":
    case "minimal":
    case "low":
      return "low";
    case "medium":
      return "medium";
    default:
      return "high";
  }
}

const KINDS: BlockKinds = {
  isThinking: ({ reasoningContent }) => reasoningContent !== undefined,
  isResult: ({ toolResult }) => toolResult !== undefined,
};

/**
 * How much a model is to reason, as its family is told. Others reason as they do.
 * @param messages what is sent of the conversation
 */
export function reasoningOf(
  turn: Turn,
  { reasoning: by, claude }: ConverseTraits,
  { maxTokens, defaultMaxTokens }: EncodeOptions,
  messages: readonly Said[],
  notes: Notes,
): Asked {
  const { effort, budgetTokens, mode } = turn.reasoning;
  if (!asksToReason(turn)) return NOTHING;
  if (by === "claude" && claude !== null) {
    const bounds = {
      maxTokens: maxTokens ?? defaultMaxTokens,
      canThink: () => !lacksThinking(messages, KINDS),
    };
    const { field, effort: said } = thinkingOf(turn, claude, bounds, notes);
    const additional = field === undefined ? {} : { thinking: field };
    return { additional, effort: said, hasOwnSampling: field !== undefined };
  }
  const isOff = mode?.value === "off" || effort?.value === "none";
  const level = levelOf(turn);
  switch (by) {
    case "nova": {
      if (isOff) return NOTHING;
      // With a high effort, Nova takes neither a bound nor sampling (docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html).
      const maxReasoningEffort = level === "high" && maxTokens !== null ? "medium" : level;
      return {
        additional: { reasoningConfig: { type: "enabled", maxReasoningEffort } },
        effort: undefined,
        hasOwnSampling: maxReasoningEffort === "high",
      };
    }
    case "effort":
      // It cannot be switched off.
      return { ...NOTHING, additional: { reasoning_effort: isOff ? "low" : level } };
    default:
      for (const given of [effort, budgetTokens, mode]) notes.drop(given);
      return NOTHING;
  }
}
