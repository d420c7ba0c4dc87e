import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Effort, Reasoning, Turn } from "#lib/translation/turn";
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

/** How a request asks for thinking: fields of the body, none where it does not. */
export type Thinking = { fields: JsonObject; effort: string | undefined };

const NO_THINKING: Thinking = { fields: {}, effort: undefined };

/**
 * How much a model is to think.
 * @param maxTokens the bound, which counts thoughts
 */
export function thinkingOf(turn: Turn, traits: ClaudeTraits, maxTokens: number, notes: Notes): Thinking {
  const { thinking, efforts } = traits;
  const { effort, budgetTokens, mode, isShown } = turn.reasoning;
  const off = mode?.value === "off" ? mode : effort?.value === "none" ? effort : null;
  if (off !== null) return withoutThinking(traits, off, notes);
  if (effort === null && budgetTokens === null && mode === null) return NO_THINKING;
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
    return { fields: { thinking: { type: "adaptive", display } }, effort: known };
  }
  if (!canThinkOn(turn)) return dropAll();
  const budget = Math.min(budgetTokens?.value ?? budgetOf(turn.reasoning, maxTokens), maxTokens - 1);
  if (budget < LEAST_BUDGET) return dropAll();
  return { fields: { thinking: { type: "enabled", budget_tokens: budget } }, effort: undefined };
}

/** A model that always thinks is told to think as little as it can. */
function withoutThinking({ off, efforts }: ClaudeTraits, asked: { at: string }, notes: Notes): Thinking {
  if (off === "nothing") return NO_THINKING;
  if (off !== null) return { fields: { thinking: { type: off } }, effort: undefined };
  notes.drop(asked);
  return { fields: {}, effort: efforts[0] };
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

/**
 * Where the model has called tools since the user's last words, it must have its thoughts back, or not think: without a
 * proof that it may have, it does not (platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks).
 */
function canThinkOn({ messages }: Turn): boolean {
  const last = messages.findLast(({ role }) => role === "assistant");
  const isToolTurn = messages.at(-1)?.blocks.some(({ kind }) => kind === "result") ?? false;
  if (last === undefined || !isToolTurn) return true;
  return last.blocks.some((block) => block.kind === "think" && block.seal?.maker === "anthropic");
}
