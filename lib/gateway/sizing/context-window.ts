import type { ChatRequest } from "#lib/dialects/chat/parse";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { countTokensUpTo } from "./count-tokens";
import { isOpenAiModel } from "./spending-bound";

/** Nearly all texts have more bytes a token than this: what fits by it is not counted, unless it is little. */
const LEAST_BYTES_PER_TOKEN = 3;
const LITTLE_BYTES = 16_384;
/** Every chat template puts at least so many around a message. */
const LEAST_TOKENS_PER_MESSAGE = 3;
/** Other tokenizers make fewer tokens of some texts; what they may fit is not refused. */
const OTHER_TOKENIZERS_FACTOR = 0.75;
/** Beyond this texts are not counted, but bounded by the longest token that there is. */
const MOST_COUNTED_CHARACTERS = 1_000_000;
const CHARACTERS_OF_LONGEST_TOKEN = 128;
/** To say how long a request is whose bound alone is too much. */
const LEAST_COUNTED_TOKENS = 2_000;

export type ContextJudge = {
  /** Whether it takes counting to know that the request fits. */
  isNear: (model: Model) => boolean;
  /** The refusal of a request that does not fit. */
  refusal: (model: Model) => Promise<ApiError | null>;
};

/**
 * Makes a judge of whether a request fits into a model's context window, who counts once as long as the window stays the
 * same. It goes by what the input has at least, so what fits is never refused; what is near and does not
 * fit, the provider refuses.
 */
export function contextJudge(request: ChatRequest): ContextJudge {
  const output = request.maxOutputTokens ?? 0;
  let judged: { model: Model; refusal: Promise<ApiError | null> } | null = null;

  const isNear = ({ contextWindow }: Model) =>
    contextWindow !== null && mayExceed(request, output, contextWindow);
  return {
    isNear,
    refusal: async (model) => {
      if (model.contextWindow === null || !isNear(model)) return null;
      if (judged?.model.name !== model.name || judged.model.contextWindow !== model.contextWindow) {
        judged = { model, refusal: judge(request, model, model.contextWindow) };
      }
      return judged.refusal;
    },
  };
}

/** Whether it takes counting to know that the request fits into the window beside so many other tokens. */
export function mayExceed({ json }: ChatRequest, otherTokens: number, contextWindow: number): boolean {
  const bytes = Buffer.byteLength(json);
  return otherTokens + bytes / (bytes > LITTLE_BYTES ? LEAST_BYTES_PER_TOKEN : 1) > contextWindow;
}

async function judge(request: ChatRequest, model: Model, contextWindow: number): Promise<ApiError | null> {
  const output = request.maxOutputTokens ?? 0;
  const room = contextWindow - output;
  const factor = model.routes.every(({ target }) => isOpenAiModel(target.upstreamModel))
    ? 1
    : OTHER_TOKENIZERS_FACTOR;
  const enough = (Math.max(room, LEAST_COUNTED_TOKENS) + 1) / factor;
  const input = Math.floor((await leastInputTokens(request, enough)) * factor);
  if (input <= room) return null;
  return new ApiError(
    "context_length_exceeded",
    `This model's context window is ${contextWindow} tokens, and the request needs at least ${input + output}: ${input} for its messages and ${output} for the answer. Shorten the messages${output > 0 ? " or lower the bound" : ""}.`,
    { param: "messages" },
  );
}

/** Tokens that the messages have at the very least; not counted any further than to a little above `enough`. */
async function leastInputTokens({ messages }: ChatRequest, enough: number): Promise<number> {
  const around = messages.length * LEAST_TOKENS_PER_MESSAGE;
  if (around > enough) return around;
  const texts: string[] = [];
  let characters = 0;
  let uncounted = 0;
  for (const text of messages.flatMap(textsOf)) {
    if (characters + text.length > MOST_COUNTED_CHARACTERS) uncounted += text.length;
    else {
      texts.push(text);
      characters += text.length;
    }
  }
  const bounded = around + Math.floor(uncounted / CHARACTERS_OF_LONGEST_TOKEN);
  if (bounded > enough) return bounded;
  return bounded + (await countTokensUpTo(texts, enough - bounded + 1));
}

function textsOf({ content }: JsonObject): string[] {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) =>
    isObject(part) && typeof part.text === "string" ? [part.text] : [],
  );
}
