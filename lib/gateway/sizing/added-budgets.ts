import type { ReasoningAsked } from "#lib/dialects/bounds/reasoning-settings";
import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";

/**
 * Vercel's gateway, also behind LiteLLM, adds Claude's budget of reasoning to the bound, as the AI SDK does, on which it
 * is built (github.com/vercel/ai, packages/anthropic: "adjust max tokens to account for thinking"), and makes an effort a
 * budget of up to 95 % of the bound (vercel.com/docs/ai-gateway, reasoning).
 */
const ADDS = /vercel/i;
const CLAUDE = /claude|anthropic/i;
const MOST_PERCENT = 95;

/** Output tokens that a route may add to the bound for reasoning that others count within it. */
export function addedBudgetTokens(asked: ReasoningAsked, boundTokens: number, { target }: Route): number {
  if (!asked.isAsked || !adds(`${target.baseUrl} ${target.upstreamModel}`)) return 0;
  return Math.max(asked.withinBoundTokens, Math.ceil((boundTokens * MOST_PERCENT) / 100));
}

const adds = byName((name) => ADDS.test(name) && CLAUDE.test(name));
