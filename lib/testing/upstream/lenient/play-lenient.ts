import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { event } from "../chat-answer";
import { type Ending, settled } from "../play";
import type { Asked, LenientContent } from "../scenario";
import { errorBody, errorEvents } from "./errors-in-200";
import { type BilledTokens, type Generation, generationOf } from "./generation";

type Request = { rawBody: string; body: unknown; asked: Asked };
type Played = { ending: Ending; billed: BilledTokens };

const NOTHING: BilledTokens = { inputTokens: 0, outputTokens: 0 };
const JSON_HEADERS = { "content-type": "application/json" };

/**
 * Answers as a lenient provider: whatever it has generated when the client disconnects is billed, and usage is
 * reported only at the end.
 */
export async function playLenient(
  content: LenientContent,
  { rawBody, body, asked }: Request,
  response: ServerResponse,
): Promise<Played> {
  const generation = generationOf(content, rawBody, body);
  if (generation.inputTokens > content.contextWindow) {
    const message = `This model's maximum context length is ${content.contextWindow} tokens.`;
    const error = {
      message,
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    };
    return { ending: await end(response, 400, JSON.stringify({ error })), billed: NOTHING };
  }
  const startedAtMs = performance.now();
  let goneAfterMs = Number.POSITIVE_INFINITY;
  const closed = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) goneAfterMs = performance.now() - startedAtMs;
    closed.abort();
  });
  const stage: Stage = {
    content,
    generation,
    asked,
    response,
    until: async (tokens) => {
      const leftMs = startedAtMs + generation.msUntil(tokens) - performance.now();
      if (leftMs > 0) await pause(leftMs, undefined, { signal: closed.signal }).catch(() => {});
    },
  };
  if (asked.stream) await stream(stage);
  else await whole(stage);
  await settled(response);
  const isWhole = response.writableFinished;
  const isFree = isWhole && content.error !== undefined && !content.error.reportsUsage;
  return {
    ending: isWhole ? "answered" : "client_gone",
    billed: isFree ? NOTHING : generation.billedAfter(goneAfterMs),
  };
}

type Stage = {
  content: LenientContent;
  generation: Generation;
  asked: Asked;
  response: ServerResponse;
  /** Waits until this many tokens are generated. */
  until: (tokens: number) => Promise<void>;
};

async function whole({ content, generation, asked, response, until }: Stage): Promise<void> {
  const { hiddenBefore, visible, hiddenAfter, atBound } = generation;
  await until(hiddenBefore + visible + hiddenAfter);
  if (response.destroyed) return;
  const usage = usageOf(generation);
  if (content.error !== undefined) {
    response.writeHead(200, JSON_HEADERS).end(errorBody(content.error.reportsUsage ? usage : null));
    return;
  }
  const message = { role: "assistant", content: wordsOf(visible), refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: atBound ? "length" : "stop" }];
  const answer = {
    id: "chatcmpl-lenient",
    object: "chat.completion",
    created: 1,
    model: asked.model,
    choices,
    usage,
  };
  response.writeHead(200, JSON_HEADERS).end(JSON.stringify(answer));
}

async function stream({ content, generation, asked, response, until }: Stage): Promise<void> {
  const { hiddenBefore, visible, hiddenAfter, atBound } = generation;
  const choice = (delta: object, finish: string | null) => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  response.writeHead(200, { "content-type": "text/event-stream" });
  // As OpenRouter does, so that nothing in between times out.
  response.write(": processing\n\n");
  await until(hiddenBefore);
  if (content.error === undefined || visible > 0) {
    response.write(event(asked, choice({ role: "assistant", content: "" }, null)));
  }
  for (let word = 1; word <= visible && !response.destroyed; word++) {
    await until(hiddenBefore + word);
    const text = word === visible ? ` ${LAST_WORD}` : " word";
    response.write(event(asked, choice({ content: text }, null)));
  }
  await until(hiddenBefore + visible + hiddenAfter);
  if (response.destroyed) return;
  const usage = usageOf(generation);
  if (content.error !== undefined) {
    response.end(errorEvents(content.error.reportsUsage ? usage : null));
    return;
  }
  response.write(event(asked, choice({}, atBound ? "length" : "stop")));
  if (asked.includeUsage) response.write(event(asked, { choices: [], usage }));
  response.end("data: [DONE]\n\n");
}

/** The last visible word, so that a client can tell. */
export const LAST_WORD = "END";

const wordsOf = (tokens: number) => (tokens === 0 ? "" : `${"word ".repeat(tokens - 1)}${LAST_WORD}`);

function usageOf({ billedAfter, hiddenBefore, hiddenAfter, predicted }: Generation) {
  const { inputTokens, outputTokens } = billedAfter(Number.POSITIVE_INFINITY);
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    completion_tokens_details: {
      reasoning_tokens: hiddenBefore + hiddenAfter,
      rejected_prediction_tokens: predicted,
    },
  };
}

async function end(response: ServerResponse, status: number, body: string): Promise<Ending> {
  response.writeHead(status, JSON_HEADERS).end(body);
  await settled(response);
  return response.writableFinished ? "answered" : "client_gone";
}
