import type { ChatRequest } from "#lib/dialects/chat/parse";
import { promptWeight } from "#lib/dialects/text/prompt-weight";
import type { Model } from "#lib/gateway/routing/routing";
import { mayExceed } from "./context-window";
import { countTokens } from "./count-tokens";
import { estimateInputTokens, imagesOf } from "./estimate";
import { isOpenAiModel } from "./spending-bound";

/** Below this, an answer is not worth having: the request is refused instead (contract: `insufficient_quota`). */
export const LEAST_OUTPUT_TOKENS = 16;
/** Beyond this a body is not counted, but estimated by its bytes. */
const MOST_COUNTED_CHARACTERS = 1_000_000;
/** What an image often is. */
const TOKENS_PER_IMAGE = 1_000;

/**
 * Output tokens per choice, up to `mostTokens`, that fit into the model's context window beside the input. For a bound
 * that the client did not name: without one the provider would stop at the window, while one that reaches beyond it is
 * a 400 for many.
 */
export async function outputThatFits(
  request: ChatRequest,
  { contextWindow, routes }: Model,
  mostTokens: number,
): Promise<number> {
  const images = imagesOf(request);
  const taken = mostTokens + images * TOKENS_PER_IMAGE;
  if (contextWindow === null || !mayExceed(request, taken, contextWindow)) return mostTokens;
  const { texts, structureTokens, characters } = promptWeight(JSON.parse(request.json));
  const isCounted = characters <= MOST_COUNTED_CHARACTERS;
  const input = isCounted ? (await countTokens(texts)) + structureTokens : estimateInputTokens(request);
  const room = contextWindow - input - images * TOKENS_PER_IMAGE;
  // What cannot be counted exactly may turn out more than was thought: half of what is left is left for that.
  const isExact =
    isCounted && images === 0 && routes.every(({ target }) => isOpenAiModel(target.upstreamModel));
  const fits = isExact ? room : Math.floor(room / 2);
  return Math.min(mostTokens, Math.max(LEAST_OUTPUT_TOKENS, fits));
}
