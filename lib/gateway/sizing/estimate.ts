import type { ChatRequest } from "#lib/dialects/chat/parse";
import type { ReportedUsage } from "#lib/providers/usage";

/** What an output without any bound is held at. */
const DEFAULT_MAX_OUTPUT_TOKENS = 4096;
/** Chat templates put a few tokens around each message. */
export const OTHER_TOKENS_PER_MESSAGE = 8;
/** An image given by URL weighs nothing in the body and this much in the model. */
export const TOKENS_PER_IMAGE = 4_000;
/** Bytes a token, over prose and code; what OpenAI's own rule of thumb says. */
const BYTES_PER_TOKEN = 4;
/** A fast provider's pace, for output that nobody saw because the answer never came. */
const UNSEEN_TOKENS_PER_SECOND = 100;

/** Input tokens that the request cannot exceed: a byte-level tokenizer makes at most a token a byte. */
export function inputTokenBound(request: ChatRequest): number {
  return (
    Buffer.byteLength(request.json) +
    request.messages.length * OTHER_TOKENS_PER_MESSAGE +
    imagesOf(request) * TOKENS_PER_IMAGE
  );
}

/** Output tokens per choice where the client gives no bound: the model's own, else a common one. */
export function defaultOutputBound(modelMaxOutputTokens: number | null): number {
  return modelMaxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS;
}

/** Input tokens by rule of thumb, for the record where no provider has counted them. */
export function estimateInputTokens(request: ChatRequest): number {
  return Math.ceil(Buffer.byteLength(request.json) / BYTES_PER_TOKEN);
}

/**
 * Output tokens that a provider may have made of an answer which did not arrive: it bills them whether or
 * not anyone was still listening.
 */
export function estimateUnseenOutput(elapsedMs: number, boundTokens: number): number {
  return Math.min(boundTokens, Math.ceil((elapsedMs / 1000) * UNSEEN_TOKENS_PER_SECOND));
}

/** Output tokens of a text whose provider reported no usage. */
export function estimateTextTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** An estimate in the form of a provider's report; nothing is known to be cached or reasoning. */
export function estimatedUsage(inputTokens: number, outputTokens: number): ReportedUsage {
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

/** How many images the messages carry, by URL or as data. */
export function imagesOf(request: Pick<ChatRequest, "messages">): number {
  return request.messages.reduce((count, message) => count + imagesIn(message.content), 0);
}

function imagesIn(content: unknown): number {
  if (!Array.isArray(content)) return 0;
  return content.filter(
    (part) => typeof part === "object" && part !== null && "type" in part && part.type === "image_url",
  ).length;
}
