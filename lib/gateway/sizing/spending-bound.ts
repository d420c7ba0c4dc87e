import type { PicoUsd } from "#lib/credit/money";
import { boundPicoUsd } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { countTokens } from "./count-tokens";
import { inputBoundOf } from "./estimate";
import { isUnbounded } from "./media-tokens";
import { tokenizerOver } from "./tokenizers";

/** What the request can cost at most, whichever route serves it: the hold covers the most expensive. */
export function boundOver(
  routes: readonly Route[],
  call: Pick<Call, "audio">,
  inputTokens: number,
  outputTokens: number,
): PicoUsd {
  let highest = 0n;
  for (const { rates } of routes) {
    const bound = boundPicoUsd(inputTokens, outputTokens, rates, { audio: call.audio });
    if (bound > highest) highest = bound;
  }
  return highest;
}

/** The most output tokens, up to `mostTokens`, that `picoUsd` pays for after the input. */
export function affordableOutputTokens(
  routes: readonly Route[],
  call: Pick<Call, "audio">,
  inputTokens: number,
  mostTokens: number,
  picoUsd: PicoUsd,
): number {
  let [fits, tooMany] = [0, mostTokens + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (boundOver(routes, call, inputTokens, middle) <= picoUsd) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

/**
 * Input tokens that the request cannot exceed, by counting: slower and far closer than a token per byte, for
 * requests near a limit.
 * @param byteBound what the bytes allow at most (estimate.ts)
 */
export async function countedInputBound(
  { prompt }: Pick<Dialect, "prompt">,
  call: Call,
  model: Pick<Model, "routes" | "contextWindow">,
  byteBound: number,
): Promise<number> {
  if (isUnbounded(call, model.routes)) return byteBound;
  const { texts, structureTokens } = prompt(call);
  const counted = await countTokens(texts, tokenizerOver(model.routes));
  return Math.min(byteBound, inputBoundOf(counted + structureTokens, call, model));
}
