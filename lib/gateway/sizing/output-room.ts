import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Model } from "#lib/gateway/routing/routing";
import { mayExceed } from "./context-window";
import { countTokens } from "./count-tokens";
import { estimateMediaTokens } from "./media-tokens";
import { tokenizerOver } from "./tokenizers";

/** A shorter answer is not worth having: the request is rejected instead (contract: `insufficient_quota`). */
export const LEAST_OUTPUT_TOKENS = 16;
/**
 * Output tokens per answer, up to `mostTokens`, that fit into the model's context window after the input. It
 * serves as the bound that the client did not name: without one the provider would stop at the window, but
 * many providers answer 400 to a bound that reaches beyond it.
 */
export async function outputThatFits(
  dialect: Pick<Dialect, "prompt">,
  call: Call,
  model: Model,
  mostTokens: number,
): Promise<number> {
  const { contextWindow } = model;
  const mediaTokens = estimateMediaTokens(call.media, model.routes[0]?.target.upstreamModel ?? "");
  if (contextWindow === null || !mayExceed(call, mostTokens + mediaTokens, contextWindow)) return mostTokens;
  const room = contextWindow - (await countedInput(dialect, call, model));
  // An inexact count may be too low: half of the room is left for that.
  const isExact = mediaTokens === 0 && tokenizerOver(model.routes) !== "unknown";
  const fits = isExact ? room : Math.floor(room / 2);
  return Math.min(mostTokens, Math.max(LEAST_OUTPUT_TOKENS, fits));
}

/** Input tokens by counting, and by estimate for what is no text. */
export async function countedInput(
  { prompt }: Pick<Dialect, "prompt">,
  call: Call,
  { routes }: Pick<Model, "routes">,
): Promise<number> {
  const { texts, structureTokens } = prompt(call);
  const tokenizer = tokenizerOver(routes);
  const counted = await countTokens(texts, tokenizer === "cl100k" ? tokenizer : "o200k");
  return counted + structureTokens + estimateMediaTokens(call.media, routes[0]?.target.upstreamModel ?? "");
}
