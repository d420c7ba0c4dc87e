import type { Call } from "#lib/dialects/call";
import type { Route } from "#lib/gateway/routing/routing";
import { countTokens } from "./count-tokens";
import { leastTokens } from "./least-tokens";
import { reasoningApartTokens } from "./reasoning-apart";
import { tokenizerOver } from "./tokenizers";

/** Predictions are code, mostly. */
const BYTES_PER_PREDICTED_TOKEN = 3;

type Beyond = Pick<Call, "predictedTexts" | "reasoning">;

/**
 * Output tokens that a provider may bill for an answer beyond its output bound: predicted tokens that the answer
 * does not use, and reasoning where it is not counted within the bound. A tokenizer makes at most one token per
 * byte.
 */
export function tokensBeyondBound(call: Beyond, routes: readonly Route[]): number {
  let bytes = 0;
  for (const text of call.predictedTexts) bytes += Buffer.byteLength(text);
  return bytes + reasoningBeyondBound(call, routes);
}

function reasoningBeyondBound({ reasoning }: Beyond, routes: readonly Route[]): number {
  let most = reasoning.budgetTokens;
  for (const route of routes) most = Math.max(most, reasoningApartTokens(reasoning, route));
  return most;
}

/** Predicted tokens that an answer may not have used by the time that it breaks off: they are billed at once. */
export function likelyPredictedTokens({ predictedTexts }: Pick<Call, "predictedTexts">): number {
  let bytes = 0;
  for (const text of predictedTexts) bytes += Buffer.byteLength(text);
  return Math.ceil(bytes / BYTES_PER_PREDICTED_TOKEN);
}

/** What the same by counting is at least. */
export function leastTokensBeyondBound(call: Beyond, routes: readonly Route[]): number {
  const least = leastTokens(call.predictedTexts, tokenizerOver(routes), Number.POSITIVE_INFINITY);
  return Math.min(tokensBeyondBound(call, routes), least + reasoningBeyondBound(call, routes));
}

/** The same by counting, for requests near a limit. */
export async function countedTokensBeyondBound(call: Beyond, routes: readonly Route[]): Promise<number> {
  const bound = tokensBeyondBound(call, routes);
  if (call.predictedTexts.length === 0) return bound;
  const counted = await countTokens(call.predictedTexts, tokenizerOver(routes));
  return Math.min(bound, Math.ceil(counted) + reasoningBeyondBound(call, routes));
}
