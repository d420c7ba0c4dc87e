import type { JsonObject } from "#lib/dialects/text/json-fields";
import { asksToReason, type Effort, type Reasoning, type Turn } from "#lib/translation/turn";
import type { Notes } from "#lib/translation/wires/notes";
import type { ClaudeTraits } from "./models";

/** The least that a model may be given to think, which is less than the bound (platform.claude.com/docs/en/build-with-claude/extended-thinking). */
const LEAST_BUDGET = 1_024;

/** Which part of the bound is for thinking, as OpenRouter and others divide it (openrouter.ai/docs/use-cases/reasoning-tokens). */
const SHARES: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.95,
  max: 0.95,
};

/** How a request asks for thinking: the body's `thinking`, absent where it does not. */
export type Thinking = { field: JsonObject | undefined; effort: string | undefined };

const NO_THINKING: Thinking = { field: undefined, effort: undefined };

/**
 * How much a model is to think.
 * @param maxTokens the bound, which counts thoughts
 * @param canThink whether it may think with a budget, as what is sent of the conversation has it
 */
export function thinkingOf(
  turn: Turn,
  traits: ClaudeTraits,
  { maxTokens, canThink }: { maxTokens: number; canThink: () => boolean },
  notes: Notes,
): Thinking {
  const { thinking, efforts } = traits;
  const { effort, budgetTokens, mode, isShown } = turn.reasoning;
  const off = mode?.value === "off" ? mode : effort?.value === "none" ? effort : null;
  if (off !== null) return withoutThinking(traits, off, notes);
  if (!asksToReason(turn)) return NO_THINKING;
  const dropAll = () => {
    for (const given of [effort, budgetTokens, mode]) notes.drop(given);
    return NO_THINKING;
  };
  if (thinking === "none" || isForced(turn)) return dropAll();
  if (thinking === "adaptive") {
    // It is about the same, but not a number.
    const wanted = effort?.value ?? effortOf(budgetTokens?.value ?? null, maxTokens);
    const known = wanted === null ? undefined : knownEffort(wanted, efforts);
    const display = isShown ? "summarized" : "omitted";
    return { field: { type: "adaptive", display }, effort: known };
  }
  // Also where its thoughts are left out, as another credential's are.
  if (!canThink()) return dropAll();
  const budget = Math.min(budgetTokens?.value ?? budgetOf(turn.reasoning, maxTokens), maxTokens - 1);
  if (budget < LEAST_BUDGET) return dropAll();
  return { field: { type: "enabled", budget_tokens: budget }, effort: undefined };
}

/** A model that always thinks is told to think as little as it can. */
function withoutThinking({ off, efforts }: ClaudeTraits, asked: { at: string }, notes: Notes): Thinking {
  if (off === "nothing") return NO_THINKING;
  if (off !== null) return { field: { type: off }, effort: undefined };
  notes.drop(asked);
  return { field: undefined, effort: efforts[0] };
}

/** Whether a tool must be used: thinking and that exclude each other. */
export const isForced = ({ toolChoice }: Turn): boolean =>
  toolChoice?.value.kind === "any" || toolChoice?.value.kind === "tool";

const budgetOf = ({ effort }: Reasoning, maxTokens: number): number =>
  Math.max(LEAST_BUDGET, Math.floor(maxTokens * SHARES[effort?.value ?? "medium"]));

function effortOf(budgetTokens: number | null, maxTokens: number): Effort | null {
  if (budgetTokens === null) return null;
  const share = budgetTokens / maxTokens;
  return share <= SHARES.low ? "low" : share <= SHARES.medium ? "medium" : "high";
}

/** The effort as the model knows it: the next one below that it has. */
function knownEffort(effort: Effort, known: ClaudeTraits["efforts"]): string | undefined {
  if (effort === "minimal" || effort === "none") return known[0];
  if (known.includes(effort)) return effort;
  return effort === "xhigh" ? "high" : undefined;
}
