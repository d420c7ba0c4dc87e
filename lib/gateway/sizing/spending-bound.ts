import type { PicoUsd } from "#lib/credit/money";
import { boundPicoUsd } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { countTokens } from "./count-tokens";
import { inputBoundOf, textBytes } from "./estimate";
import { writtenAgain } from "./growth";
import { leastInJson } from "./least-in-json";
import { isUnbounded } from "./media-tokens";
import { tokenizerOver } from "./tokenizers";
import { violationFeePicoUsd } from "./violation-fee";

/** An input that does not fit is scanned this far, in a millisecond or two: its rejection says what it needs. */
const SCANNED_TOKENS = 50_000;

/** What the request can cost at most, whichever route serves it: the hold covers the most expensive. */
export function boundOver(
  routes: readonly Route[],
  call: Pick<Call, "asks">,
  inputTokens: number,
  outputTokens: number,
): PicoUsd {
  let highest = 0n;
  for (const route of routes) {
    const bound = boundPicoUsd(inputTokens, outputTokens, route.rates, call.asks);
    if (bound > highest) highest = bound;
    const feePicoUsd = violationFeePicoUsd(route);
    if (feePicoUsd > highest) highest = feePicoUsd;
  }
  return highest;
}

/** The most input tokens, up to `mostTokens`, that `picoUsd` pays for besides the output; -1 if not even none. */
export function affordableInputTokens(
  routes: readonly Route[],
  call: Pick<Call, "asks">,
  outputTokens: number,
  mostTokens: number,
  picoUsd: PicoUsd,
): number {
  return mostWithin(-1, mostTokens, (tokens) => boundOver(routes, call, tokens, outputTokens) <= picoUsd);
}

/** The most output tokens, up to `mostTokens`, that `picoUsd` pays for after the input. */
export function affordableOutputTokens(
  routes: readonly Route[],
  call: Pick<Call, "asks">,
  inputTokens: number,
  mostTokens: number,
  picoUsd: PicoUsd,
): number {
  return mostWithin(0, mostTokens, (tokens) => boundOver(routes, call, inputTokens, tokens) <= picoUsd);
}

/** The largest of `least` to `most` that fits; `least` itself is not asked about. */
function mostWithin(least: number, most: number, isWithin: (tokens: number) => boolean): number {
  let [fits, tooMany] = [least, most + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (isWithin(middle)) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

/**
 * Input tokens that the request has at least, by a scan of its text that stops soon after `mostThatFits`: what its media
 * are and what templates make of it comes on top.
 */
export function leastInputTokens(
  dialect: Pick<Dialect, "promptSpans">,
  call: Call,
  model: Pick<Model, "routes">,
  mostThatFits: number,
): number {
  // The context window is held then, whatever the text.
  if (isUnbounded(call, model.routes)) return 0;
  const enough = Math.max(mostThatFits, SCANNED_TOKENS);
  const { textTokens, structureTokens } = leastInJson(dialect, call, tokenizerOver(model.routes), enough);
  return Math.min(textBytes(call), textTokens + structureTokens);
}

/**
 * Input tokens that the request cannot exceed, by counting: slower and far closer than a token per byte, for
 * requests near a limit. What certainly exceeds `mostThatFits` is not counted further: then the result does too.
 * @param byteBound what the bytes allow at most (estimate.ts)
 */
export async function countedInputBound(
  dialect: Pick<Dialect, "prompt" | "promptSpans">,
  call: Call,
  model: Pick<Model, "routes" | "contextWindow">,
  byteBound: number,
  mostThatFits = Number.POSITIVE_INFINITY,
): Promise<number> {
  if (isUnbounded(call, model.routes)) return byteBound;
  const tokenizer = tokenizerOver(model.routes);
  // Embedding models have vocabularies of their own: in a Chinese one, an English word is up to seven tokens.
  if (call.answers === 0 && tokenizer === "unknown") return byteBound;
  if (mostThatFits < byteBound) {
    const scanned = leastInJson(dialect, call, tokenizer, Math.max(mostThatFits, SCANNED_TOKENS));
    const all = scanned.textTokens + inputBoundOf(scanned.structureTokens, call, model);
    if (all > mostThatFits) return Math.min(byteBound, all);
  }
  const { texts: given, structureTokens } = dialect.prompt(call);
  const texts = [...given, ...writtenAgain(call, model.routes)];
  const around = inputBoundOf(structureTokens, call, model);
  const room = mostThatFits - around;
  return Math.min(byteBound, around + (await countTokens(texts, tokenizer, room + 1)));
}
