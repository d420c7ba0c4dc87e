import type { PicoUsd } from "#lib/credit/money";
import { boundPicoUsd } from "#lib/credit/prices/price";
import type { ChatRequest } from "#lib/dialects/chat/parse";
import { promptWeight } from "#lib/dialects/text/prompt-weight";
import type { Route } from "#lib/gateway/routing/routing";
import { countTokens } from "./count-tokens";
import { imagesOf, OTHER_TOKENS_PER_MESSAGE, TOKENS_PER_IMAGE } from "./estimate";

/** Beyond this, what a body weighs is bound by its bytes: counting it would take longer than it is worth. */
const MOST_COUNTED_CHARACTERS = 1_000_000;
/** Providers other than OpenAI have tokenizers of their own, which make more tokens of some texts. */
const OTHER_TOKENIZERS_FACTOR = 1.5;
const OPENAI_MODELS = /(?:^|\/)(?:gpt-[4-9]|chatgpt-|o[1-9]|codex-)/;

/** Whether a model, as its provider calls it, has the tokenizer that is counted with. */
export const isOpenAiModel = (upstreamModel: string): boolean => OPENAI_MODELS.test(upstreamModel);

/** What the request can cost at most, whichever of the routes serves it: the hold covers the dearest. */
export function boundOver(
  routes: readonly Route[],
  request: Pick<ChatRequest, "audio">,
  inputTokens: number,
  outputTokens: number,
): PicoUsd {
  let dearest = 0n;
  for (const { rates } of routes) {
    const bound = boundPicoUsd(inputTokens, outputTokens, rates, { audio: request.audio });
    if (bound > dearest) dearest = bound;
  }
  return dearest;
}

/** The most output tokens, up to `mostTokens`, that `picoUsd` pays for besides the input. */
export function affordableOutputTokens(
  routes: readonly Route[],
  request: Pick<ChatRequest, "audio">,
  inputTokens: number,
  mostTokens: number,
  picoUsd: PicoUsd,
): number {
  let [fits, tooMany] = [0, mostTokens + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (boundOver(routes, request, inputTokens, middle) <= picoUsd) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

/**
 * Input tokens that the request cannot exceed, by counting them: slower and far closer than a token a
 * byte, for requests that come near a limit.
 * @param byteBound what the bytes allow at most (estimate.ts)
 */
export async function countedInputBound(
  request: ChatRequest,
  routes: readonly Route[],
  byteBound: number,
): Promise<number> {
  const { texts, structureTokens, characters } = promptWeight(JSON.parse(request.json));
  if (characters > MOST_COUNTED_CHARACTERS) return byteBound;
  const factor = routes.every(({ target }) => isOpenAiModel(target.upstreamModel))
    ? 1
    : OTHER_TOKENIZERS_FACTOR;
  const counted = Math.ceil(((await countTokens(texts)) + structureTokens) * factor);
  const rest = request.messages.length * OTHER_TOKENS_PER_MESSAGE + imagesOf(request) * TOKENS_PER_IMAGE;
  return Math.min(byteBound, counted + rest);
}
