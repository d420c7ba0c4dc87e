import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";

import type { Call } from "#lib/dialects/call";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { growthBytes, growthTokens, translationBytes } from "./growth";
import { heldWindow, knownWindow } from "./held-window";
import { hiddenPromptTokens, likelyHiddenPromptTokens } from "./hidden-prompt";
import { isOpenModel, mayReadMarkdown } from "./markdown-servers";
import { estimateMediaTokens, mostMarkdownTokens, mostMediaTokens, withoutUnknown } from "./media-tokens";
import { bytesByNormalizationIn } from "./normalized-bytes";
import { repeatedTokens } from "./repeated-tokens";
import { sealedBeyondCount } from "./sealed-tokens";
import { furtherInputTokens } from "./searches";
import { tokenizerOver } from "./tokenizers";

/** What is held for an output without any bound. */
const DEFAULT_MAX_OUTPUT_TOKENS = 4096;
/**
 * LiteLLM turns tokens back into text for models that take none: a token of cl100k has up to 128 characters, each of
 * which may be a token elsewhere.
 */
const CHARACTERS_OF_LONGEST_TOKEN = 128;
/** Models that take tokens as they are. */
const TAKES_TOKENS = /^(?:text-embedding-(?:3-|ada)|gpt-3\.5-turbo-instruct|(?:davinci|babbage)-002)/;
/** Chat templates put a few tokens around each message. */
const OTHER_TOKENS_PER_MESSAGE = 8;
/**
 * What a server puts before each input of an embedding for a field that asks for it, such as Voyage's `input_type`, or
 * a model's own prompt by `prompt_name`: a sentence.
 */
const TOKENS_OF_EMBEDDING_PROMPT = 32;

/**
 * Input tokens that the request cannot exceed: a byte-level tokenizer makes at most one token per byte of text,
 * each medium has a maximum, and what the provider fetches or unpacks ends at the context window, as does each further
 * reading after a search.
 */
export const inputTokenBound = (call: Call, model: Pick<Model, "routes" | "contextWindow">): number =>
  bodyTokenBound(call, model) + furtherInputTokens(call, model);

function bodyTokenBound(call: Call, model: Pick<Model, "routes" | "contextWindow">): number {
  const added = () => (tokenizerOver(model.routes) === "unknown" ? bytesByNormalizationIn(call.json) : 0);
  return boundWithMedia(() => textBytes(call) + added() + growthBytes(call, model.routes), call, model);
}

/** The same for texts that were counted. */
export const inputBoundOf = (
  textTokens: number,
  call: Call,
  model: Pick<Model, "routes" | "contextWindow">,
): number => bodyBoundOf(textTokens, call, model) + furtherInputTokens(call, model);

const bodyBoundOf = (
  textTokens: number,
  call: Call,
  model: Pick<Model, "routes" | "contextWindow">,
): number => {
  const beyond = () => growthTokens(call, model.routes) + sealedBeyondCount(call.media);
  return boundWithMedia(() => textTokens + beyond(), call, model);
};

/** @param textTokens reads those of texts and of what they grow by; what fills the window anyway is not read */
function boundWithMedia(
  textTokens: () => number,
  call: Call,
  model: Pick<Model, "routes" | "contextWindow">,
): number {
  const media = mostMediaTokensOver(call, model);
  if (media === null) return windowOf(model);
  const texts = textTokens() + translationBytes(call, model.routes);
  return withRewritten(texts + otherTokens(call, model) + media, call, model);
}

/**
 * Adds what servers of open models may make of it: pictures in Markdown, tool calls and results that they write anew,
 * and what their templates write several times. Only few reach that, so this part ends at the greatest context window, where
 * all are known.
 */
function withRewritten(tokens: number, call: Call, { routes }: Pick<Model, "routes">): number {
  const { media, rewriting } = call;
  let most = 0;
  for (const { target } of routes) {
    let added = mostMarkdownTokens(media, target) + repeatedTokens(call, target.upstreamModel);
    if (isOpenModel(target.upstreamModel)) added += rewriting().bytes;
    if (mayReadMarkdown(target)) added += rewriting().escapedBytes;
    most = Math.max(most, added);
  }
  return most === 0
    ? tokens
    : Math.max(tokens, Math.min(tokens + most, knownWindow(routes) ?? Number.POSITIVE_INFINITY));
}

/** Bytes of the body that are no media. */
export const textBytes = ({ json, media }: Call): number => Buffer.byteLength(json) - media.dataCharacters;

const takesTokens = (routes: readonly Route[]): boolean =>
  routes.every(({ target }) => TAKES_TOKENS.test(target.upstreamModel));

/** What templates and providers put around messages and tools, and write with each message. */
export function otherTokens(
  { answers, prompts, messageCount, givenTokens, hasTools, mayGetTools, growth }: Call,
  { routes }: Pick<Model, "routes">,
): number {
  const given = takesTokens(routes) ? 0 : givenTokens * CHARACTERS_OF_LONGEST_TOKEN;
  const around = messageCount * OTHER_TOKENS_PER_MESSAGE + given;
  // An embedding has no chat template, but a field may put a text before each input.
  if (answers === 0) {
    const { scalarBytes } = growth;
    const before = scalarBytes === 0 ? 0 : messageCount * (scalarBytes + TOKENS_OF_EMBEDDING_PROMPT);
    return around + before;
  }
  let most = 0;
  for (const { target } of routes) {
    const repeated = isOpenModel(target.upstreamModel) ? growth.scalarBytes * messageCount : 0;
    most = Math.max(most, hiddenPromptTokens(target.upstreamModel, hasTools || mayGetTools) + repeated);
  }
  return around + most * prompts;
}

/**
 * The most over all routes; null if the input of one is unbounded. Without any context window, what Tollgate does not know
 * was admitted for a caller without a limit.
 */
function mostMediaTokensOver({ media }: Call, model: Pick<Model, "routes" | "contextWindow">): number | null {
  const judged = heldWindow(model) === null ? withoutUnknown(media) : media;
  let most = 0;
  for (const { target } of model.routes) {
    const tokens = mostMediaTokens(judged, target.upstreamModel);
    if (tokens === null) return null;
    if (tokens > most) most = tokens;
  }
  return most;
}

/** A request that only the window bounds is rejected by a model without one (context-window.ts). */
function windowOf(model: Pick<Model, "routes" | "contextWindow">): number {
  const window = heldWindow(model);
  if (window === null) throw new Error("unbounded input was admitted without a context window");
  return window;
}

/** Output tokens per answer if the client gives no bound: the dialect's default, the model's own, else a common one. */
export function defaultOutputBound(
  { defaultOutputTokens }: Pick<Call, "defaultOutputTokens">,
  { maxOutputTokens }: Pick<Model, "maxOutputTokens">,
): number {
  return defaultOutputTokens ?? maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
}

/** Input tokens that the model likely reads; never more than the bound. */
export const estimateInputTokens = (call: Call, model: Pick<Model, "routes" | "contextWindow">): number =>
  Math.min(unboundedInputEstimate(call, model), inputTokenBound(call, model));

/** The same for a caller that knows the bound. */
export function unboundedInputEstimate(call: Call, { routes }: Pick<Model, "routes">): number {
  const upstreamModel = routes[0]?.target.upstreamModel ?? "";
  const added = likelyHiddenPromptTokens(upstreamModel, call.hasTools);
  return call.textTokens + estimateMediaTokens(call.media, upstreamModel) + added;
}

/** An estimate in the form of a provider's report, with no cached or reasoning tokens. */
export const estimatedUsage = (inputTokens: number, outputTokens: number): Usage => ({
  ...NO_USAGE,
  inputTokens,
  outputTokens,
});
