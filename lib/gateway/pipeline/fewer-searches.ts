import type { OverBudget } from "#lib/credit/ledger/hold";
import type { Call } from "#lib/dialects/call";
import { outputsOf, withSearches } from "#lib/dialects/searches";
import { tokensBeyondBound } from "#lib/gateway/sizing/beyond-bound";
import { inputTokenBound } from "#lib/gateway/sizing/estimate";
import { furtherInputTokens } from "#lib/gateway/sizing/searches";
import { boundOver } from "#lib/gateway/sizing/spending-bound";
import type { HoldPlan } from "./hold-source";

/** Searches are lowered in number before the output is lowered below this. */
const OUTPUT_BESIDES_TOKENS = 4_096;

/** Of what is free, an offer leaves as much for other requests. */
const SHARE_OF_OFFER = 2n;

/**
 * The plan of a request that is over budget with as many searches as fit: without an offered one if none fits into half
 * of what is free, so that no request is rejected for an offer; with at least one that is demanded.
 * @returns null if the number stays
 */
export function planWithFewerSearches(plan: HoldPlan, asked: number, over: OverBudget): HoldPlan | null {
  const { call, routes, model } = plan;
  const { searches, asks } = call;
  if (searches === null) return null;
  const room = searches.without === null ? over.idlePicoUsd : over.freePicoUsd / SHARE_OF_OFFER;
  const readOnce = inputTokenBound(withoutReadings(call), model);
  const perOutput = Math.min(asked, OUTPUT_BESIDES_TOKENS) + tokensBeyondBound(call, asked, routes);
  for (let most = asks.webSearches; most > 0; most--) {
    const fewer = withSearches(call, most);
    const inputTokens = readOnce + furtherInputTokens(fewer, model);
    if (boundOver(routes, fewer, inputTokens, perOutput * outputsOf(fewer)) <= room)
      return most === asks.webSearches ? null : plan.planFor(fewer);
  }
  if (searches.without !== null) return plan.planFor(searches.without());
  return asks.webSearches === 1 ? null : plan.planFor(withSearches(call, 1));
}

/** The call as far as it is read once: the least that it costs. */
export const withoutReadings = (call: Call): Call => ({
  ...call,
  asks: { ...call.asks, webSearches: 0 },
  searches: null,
});
