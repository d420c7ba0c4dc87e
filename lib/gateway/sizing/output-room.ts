import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Model } from "#lib/gateway/routing/routing";
import { mayExceed } from "./context-window";
import { countTokens } from "./count-tokens";
import { estimateInputTokens } from "./estimate";
import { isOpenAiModel } from "./spending-bound";

/** A shorter answer is not worth having: the request is rejected instead (contract: `insufficient_quota`). */
export const LEAST_OUTPUT_TOKENS = 16;
/** A longer body is estimated by its bytes instead of counted. */
const MOST_COUNTED_CHARACTERS = 1_000_000;
/** What an image often is. */
const TOKENS_PER_IMAGE = 1_000;

/**
 * Output tokens per answer, up to `mostTokens`, that fit into the model's context window after the input. It
 * serves as the bound that the client did not name: without one the provider would stop at the window, but
 * many providers answer 400 to a bound that reaches beyond it.
 */
export async function outputThatFits(
  { prompt }: Pick<Dialect, "prompt">,
  call: Call,
  { contextWindow, routes }: Model,
  mostTokens: number,
): Promise<number> {
  const imageTokens = call.imageCount * TOKENS_PER_IMAGE;
  if (contextWindow === null || !mayExceed(call, mostTokens + imageTokens, contextWindow)) return mostTokens;
  const { texts, structureTokens, characters } = prompt(call);
  const isCounted = characters <= MOST_COUNTED_CHARACTERS;
  const input = isCounted ? (await countTokens(texts)) + structureTokens : estimateInputTokens(call);
  const room = contextWindow - input - imageTokens;
  // An inexact count may be too low: half of the room is left for that.
  const isExact =
    isCounted && call.imageCount === 0 && routes.every(({ target }) => isOpenAiModel(target.upstreamModel));
  const fits = isExact ? room : Math.floor(room / 2);
  return Math.min(mostTokens, Math.max(LEAST_OUTPUT_TOKENS, fits));
}
