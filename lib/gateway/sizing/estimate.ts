import type { Usage } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";

/** What is held for an output without any bound. */
const DEFAULT_MAX_OUTPUT_TOKENS = 4096;
/** Chat templates put a few tokens around each message. */
export const OTHER_TOKENS_PER_MESSAGE = 8;
/** An image given by URL is short in the body and costs this much in the model. */
export const TOKENS_PER_IMAGE = 4_000;
/** Over prose and code; OpenAI's own rule of thumb. */
const BYTES_PER_TOKEN = 4;
/** A fast provider's pace, for output that never arrived. */
const UNSEEN_TOKENS_PER_SECOND = 100;
/** Output tokens that a sweep charges beyond what is known to have been streamed. */
export const SWEEP_MARGIN_TOKENS = 256;

/** Input tokens that the request cannot exceed: a byte-level tokenizer makes at most one token per byte. */
export function inputTokenBound({ json, messageCount, imageCount }: Call): number {
  return Buffer.byteLength(json) + messageCount * OTHER_TOKENS_PER_MESSAGE + imageCount * TOKENS_PER_IMAGE;
}

/** Output tokens per answer if the client gives no bound: the model's own, else a common one. */
export function defaultOutputBound(modelMaxOutputTokens: number | null): number {
  return modelMaxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
}

/** Input tokens by rule of thumb, for when no provider has counted them. */
export function estimateInputTokens({ json }: Call): number {
  return tokensOfBytes(Buffer.byteLength(json));
}

/** Output tokens that a provider may have generated, and bills, for an answer that did not arrive. */
export function estimateUnseenOutput(elapsedMs: number, boundTokens: number): number {
  return Math.min(boundTokens, Math.ceil((elapsedMs / 1000) * UNSEEN_TOKENS_PER_SECOND));
}

/** Tokens of a text by its length. */
export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

/** An estimate in the form of a provider's report, with no cached or reasoning tokens. */
export function estimatedUsage(inputTokens: number, outputTokens: number): Usage {
  return {
    inputTokens,
    outputTokens,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    inputAudioTokens: 0,
    outputAudioTokens: 0,
  };
}
