import type { Call } from "#lib/dialects/call";
import type { Route } from "#lib/gateway/routing/routing";
import { addedBudgetTokens } from "./added-budgets";
import { begunPictureTokens } from "./begun-pictures";
import { countTokens } from "./count-tokens";
import { leastTokens } from "./least-tokens";
import { raisedTokens } from "./raised-bounds";
import { LOWERED_REASONING_TOKENS, reasoningApartTokens, takesReasoningLimit } from "./reasoning-apart";
import { tokenizerOver } from "./tokenizers";

/** Predictions are code, mostly. */
const BYTES_PER_PREDICTED_TOKEN = 3;

type Beyond = Pick<Call, "predictedTexts" | "reasoning">;

/**
 * Output tokens that a provider may bill for an answer beyond its output bound: predicted tokens that the answer
 * does not use, reasoning where it is not counted within the bound, what a proxy raises a bound by, and a picture that was begun. A
 * tokenizer makes at most one token per byte.
 * @param boundTokens the bound
 */
export function tokensBeyondBound(call: Beyond, boundTokens: number, routes: readonly Route[]): number {
  return (
    bytesOf(call.predictedTexts) +
    reasoningBeyondBound(call, boundTokens, routes) +
    raisedTokens(boundTokens, routes) +
    begunPictureTokens(routes)
  );
}

function reasoningBeyondBound({ reasoning }: Beyond, boundTokens: number, routes: readonly Route[]): number {
  let most = reasoning.budgetTokens;
  for (const route of routes)
    most = Math.max(
      most,
      reasoningApartTokens(reasoning, route),
      addedBudgetTokens(reasoning, boundTokens, route),
    );
  return most;
}

/** The same, where routes that take a lower budget of reasoning get one. */
function loweredReasoning({ reasoning }: Beyond, boundTokens: number, routes: readonly Route[]): number {
  let most = 0;
  for (const route of routes) {
    const tokens = Math.max(reasoning.budgetTokens, reasoningApartTokens(reasoning, route));
    const isLower = takesReasoningLimit(reasoning, route) && tokens > LOWERED_REASONING_TOKENS;
    most = Math.max(
      most,
      isLower ? LOWERED_REASONING_TOKENS : tokens,
      addedBudgetTokens(reasoning, boundTokens, route),
    );
  }
  return most;
}

/** What besides predicted texts is beyond it near a limit. */
const loweredBeyond = (call: Beyond, boundTokens: number, routes: readonly Route[]): number =>
  loweredReasoning(call, boundTokens, routes) +
  raisedTokens(boundTokens, routes) +
  begunPictureTokens(routes);

/** The budget of reasoning to send to a route where the lower one is held; null for one that takes none. */
export const reasoningLimitFor = ({ reasoning }: Pick<Call, "reasoning">, route: Route): number | null =>
  takesReasoningLimit(reasoning, route) ? LOWERED_REASONING_TOKENS : null;

/** Predicted tokens that an answer may not have used by the time that it breaks off: they are billed at once. */
export function likelyPredictedTokens({ predictedTexts }: Pick<Call, "predictedTexts">): number {
  return Math.ceil(bytesOf(predictedTexts) / BYTES_PER_PREDICTED_TOKEN);
}

/** What they are at least near a limit: by counting, and with a lower budget of reasoning where routes take one. */
export function leastTokensBeyondBound(call: Beyond, boundTokens: number, routes: readonly Route[]): number {
  const least = leastTokens(call.predictedTexts, tokenizerOver(routes), Number.POSITIVE_INFINITY);
  return Math.min(bytesOf(call.predictedTexts), least) + loweredBeyond(call, boundTokens, routes);
}

/** The same with the predicted texts counted in full. */
export async function countedTokensBeyondBound(
  call: Beyond,
  boundTokens: number,
  routes: readonly Route[],
): Promise<number> {
  const others = loweredBeyond(call, boundTokens, routes);
  if (call.predictedTexts.length === 0) return others;
  const counted = await countTokens(call.predictedTexts, tokenizerOver(routes));
  return Math.min(bytesOf(call.predictedTexts), Math.ceil(counted)) + others;
}

function bytesOf(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  return bytes;
}
