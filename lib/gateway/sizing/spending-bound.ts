import type { PicoUsd } from "#lib/credit/money";
import { boundPicoUsd } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Route } from "#lib/gateway/routing/routing";
import { countTokens } from "./count-tokens";
import { OTHER_TOKENS_PER_MESSAGE, TOKENS_PER_IMAGE } from "./estimate";

/** Counting a longer body takes too long: its bytes bound it. */
const MOST_COUNTED_CHARACTERS = 1_000_000;
/** Other providers' tokenizers make more tokens of some texts. */
const OTHER_TOKENIZERS_FACTOR = 1.5;
const OPENAI_MODELS = /(?:^|\/)(?:gpt-[4-9]|chatgpt-|o[1-9]|codex-)/;

/** Whether a provider's model has the tokenizer that counts here. */
export const isOpenAiModel = (upstreamModel: string): boolean => OPENAI_MODELS.test(upstreamModel);

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
  routes: readonly Route[],
  byteBound: number,
): Promise<number> {
  const { texts, structureTokens, characters } = prompt(call);
  if (characters > MOST_COUNTED_CHARACTERS) return byteBound;
  const factor = routes.every(({ target }) => isOpenAiModel(target.upstreamModel))
    ? 1
    : OTHER_TOKENIZERS_FACTOR;
  const counted = Math.ceil(((await countTokens(texts)) + structureTokens) * factor);
  const rest = call.messageCount * OTHER_TOKENS_PER_MESSAGE + call.imageCount * TOKENS_PER_IMAGE;
  return Math.min(byteBound, counted + rest);
}
