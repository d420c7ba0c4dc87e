import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Cancellation, signalOf } from "#lib/providers/cancellation";
import { bodyOf, type UpstreamBody } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Exchange, UpstreamAnswer, UpstreamCall } from "#lib/providers/wire";
import { simulatedEmbeddings } from "./embeddings";
import { countPieces, type Reply, replyFor } from "./reply";
import type { SimulatedSettings } from "./settings";

const bound = z.int().positive().nullish();
const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.unknown()).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: bound,
  max_completion_tokens: bound,
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  n: z.int().min(1).max(128).nullish(),
});
type ChatRequest = z.output<typeof ChatRequest>;

type Answer = {
  id: string;
  created: number;
  model: string;
  replies: readonly Reply[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
};

/**
 * An exchange within this process that answers chat completions and embeddings. The text depends only on the model and the
 * messages. The usage is exact, counted in pieces (reply.ts): prompt_tokens over the text of the messages,
 * completion_tokens over the answer.
 * @throws (from the exchange) UpstreamTimeout, CallCancelled
 */
export const simulatedExchange =
  (settings: SimulatedSettings): Exchange =>
  (call) =>
    answerCall(call, settings);

async function answerCall(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  if (settings.fail_with_status !== undefined)
    return errorAnswer(settings.fail_with_status, "Simulated failure");
  if (call.wire.dialect === "embeddings") return answerEmbeddings(call, settings);
  const parsed = ChatRequest.safeParse(parsedJson(call.body));
  if (!parsed.success) return errorAnswer(400, z.prettifyError(parsed.error));
  const request = parsed.data;
  const answer = answerTo(request, settings, call);
  const wholeMs = settings.first_token_ms + msUntil(answer.usage.completion_tokens, settings);
  await waitForHead(request.stream ? settings.first_token_ms : wholeMs, call);
  if (!request.stream) return json(200, wholeAnswer(answer));
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8" },
    body: streamed(answer, request.stream_options?.include_usage === true, settings, call.cancellation),
  };
}

async function answerEmbeddings(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const said = simulatedEmbeddings(parsedJson(call.body));
  if ("fault" in said) return errorAnswer(400, said.fault);
  await waitForHead(settings.first_token_ms, call);
  return json(200, said.answer);
}

function answerTo(request: ChatRequest, settings: SimulatedSettings, call: UpstreamCall): Answer {
  const maxPieces = request.max_completion_tokens ?? request.max_tokens ?? null;
  const stop = typeof request.stop === "string" ? [request.stop] : (request.stop ?? []);
  const seed = request.model + JSON.stringify(request.messages);
  const replies = Array.from({ length: request.n ?? 1 }, (_, index) =>
    replyFor(`${seed}${index}`, settings.reply_tokens, { maxPieces, stop }),
  );
  const promptTokens = Math.max(1, countPiecesIn(request.messages));
  const completionTokens = replies.reduce((sum, reply) => sum + reply.pieces.length, 0);
  return {
    id: `chatcmpl-${call.requestId.replaceAll("-", "")}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    replies,
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}

function wholeAnswer({ id, created, model, replies, usage }: Answer) {
  const choices = replies.map((reply, index) => ({
    index,
    message: { role: "assistant", content: reply.pieces.join(""), refusal: null },
    logprobs: null,
    finish_reason: reply.finishReason,
  }));
  return { id, object: "chat.completion", created, model, choices, usage };
}

/** The answer as server-sent events, at its pace; stops at once when it is no longer wanted. */
function streamed(
  answer: Answer,
  includeUsage: boolean,
  settings: SimulatedSettings,
  cancellation: Cancellation,
): UpstreamBody {
  const stop = new AbortController();
  const chunks = events(answer, includeUsage, settings, stop.signal);
  // Readable.from would wait for the next chunk before it can be destroyed.
  const stream = new Readable({
    read() {
      chunks.next().then(
        ({ done, value }) => stream.push(done ? null : value),
        (error: unknown) => stream.destroy(error instanceof Error ? error : new CallCancelled()),
      );
    },
    destroy(error, callback) {
      stopListening();
      stop.abort();
      callback(error);
    },
  });
  const stopListening = cancellation.onCancel(() => stream.destroy(new CallCancelled()));
  return bodyOf(stream);
}

async function* events(
  answer: Answer,
  includeUsage: boolean,
  settings: SimulatedSettings,
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  const event = (choices: unknown[], usage: Answer["usage"] | null = null) => {
    const { id, created, model } = answer;
    const chunk = { id, object: "chat.completion.chunk", created, model, choices };
    return `data: ${JSON.stringify(includeUsage ? { ...chunk, usage } : chunk)}\n\n`;
  };
  const choice = (index: number, delta: object, finishReason: string | null = null) => [
    { index, delta, logprobs: null, finish_reason: finishReason },
  ];
  const startedMs = performance.now();
  let sent = 0;
  for (const index of answer.replies.keys()) {
    yield event(choice(index, { role: "assistant", content: "", refusal: null }));
  }
  const longest = Math.max(...answer.replies.map((reply) => reply.pieces.length));
  for (let at = 0; at < longest; at++) {
    for (const [index, reply] of answer.replies.entries()) {
      const piece = reply.pieces[at];
      if (piece === undefined) continue;
      // Measured from the start, so that late timers do not add up.
      const earlyMs = startedMs + msUntil(sent++, settings) - performance.now();
      if (earlyMs > 1) await sleep(earlyMs, undefined, { signal });
      yield event(choice(index, { content: piece }));
    }
  }
  for (const [index, reply] of answer.replies.entries()) yield event(choice(index, {}, reply.finishReason));
  if (includeUsage) yield event([], answer.usage);
  yield "data: [DONE]\n\n";
}

async function waitForHead(delayMs: number, { cancellation, timeoutMs }: UpstreamCall): Promise<void> {
  if (cancellation.isCancelled()) throw new CallCancelled();
  if (delayMs === 0) return;
  try {
    await sleep(Math.min(delayMs, timeoutMs), undefined, { signal: signalOf(cancellation) });
  } catch {
    throw new CallCancelled();
  }
  if (delayMs > timeoutMs) throw new UpstreamTimeout("The provider did not answer in time", true);
}

/** Milliseconds from the first token to the one with this number. */
function msUntil(tokens: number, settings: SimulatedSettings): number {
  return settings.tokens_per_second === undefined ? 0 : (tokens / settings.tokens_per_second) * 1000;
}

/** Tokens in the text of messages; a part other than text (an image, audio) counts as one. */
function countPiecesIn(messages: readonly unknown[]): number {
  let pieces = 0;
  for (const message of messages) {
    const content =
      typeof message === "object" && message !== null && "content" in message && message.content;
    if (typeof content === "string") pieces += countPieces(content);
    else if (Array.isArray(content)) for (const part of content) pieces += countPiecesInPart(part);
  }
  return pieces;
}

function countPiecesInPart(part: unknown): number {
  const text = typeof part === "object" && part !== null && "text" in part ? part.text : null;
  return typeof text === "string" ? countPieces(text) : 1;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function errorAnswer(status: number, message: string): UpstreamAnswer {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return json(status, { error: { message, type, param: null, code: null } });
}

function json(status: number, body: unknown): UpstreamAnswer {
  const bytes = Buffer.from(JSON.stringify(body));
  return {
    status,
    headers: { "content-type": "application/json", "content-length": String(bytes.length) },
    body: bodyOf(Readable.from([bytes], { objectMode: false })),
  };
}
