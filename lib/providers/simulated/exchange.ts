import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { signalOf } from "#lib/providers/cancellation";
import { bodyOf } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Exchange, UpstreamAnswer, UpstreamCall } from "#lib/providers/wire";
import { countPiecesIn } from "./count-messages";
import { simulatedEmbeddings } from "./embeddings";
import { messageEvents, simulatedMessage } from "./messages";
import { type Reply, replyFor } from "./reply";
import { responseEvents, simulatedResponse } from "./responses";
import type { SimulatedSettings } from "./settings";
import { msUntil, type Pace, streamed } from "./stream";

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
 * An exchange within this process that answers chat completions, responses, messages and embeddings. The text depends only on the
 * model and the messages. The usage is exact, counted in pieces (reply.ts): prompt_tokens over the text of the messages,
 * completion_tokens over the answer.
 * @throws (from the exchange) UpstreamTimeout, CallCancelled
 */
export const simulatedExchange =
  (settings: SimulatedSettings): Exchange =>
  (call) =>
    answerCall(call, settings);

async function answerCall(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const { dialect } = call.wire;
  if (settings.fail_with_status !== undefined)
    return errorAnswer(settings.fail_with_status, "Simulated failure", dialect);
  if (dialect === "messages") return answerMessages(call, settings);
  if (dialect === "responses") return answerResponses(call, settings);
  if (dialect === "embeddings") return answerEmbeddings(call, settings);
  const parsed = ChatRequest.safeParse(parsedJson(call.body));
  if (!parsed.success) return errorAnswer(400, z.prettifyError(parsed.error), dialect);
  const request = parsed.data;
  const answer = answerTo(request, settings, call);
  const wholeMs = settings.first_token_ms + msUntil(answer.usage.completion_tokens, settings);
  await waitForHead(request.stream ? settings.first_token_ms : wholeMs, call);
  if (!request.stream) return json(200, wholeAnswer(answer));
  const includeUsage = request.stream_options?.include_usage === true;
  return eventStream((pace) => events(answer, includeUsage, pace), settings, call);
}

async function answerEmbeddings(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const said = simulatedEmbeddings(parsedJson(call.body));
  if ("fault" in said) return errorAnswer(400, said.fault, call.wire.dialect);
  await waitForHead(settings.first_token_ms, call);
  return json(200, said.answer);
}

async function answerMessages(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const said = simulatedMessage(parsedJson(call.body), settings, call.requestId);
  if ("fault" in said) return errorAnswer(400, said.fault, call.wire.dialect);
  const { message, isStream } = said;
  await waitForHead(
    isStream
      ? settings.first_token_ms
      : settings.first_token_ms + msUntil(message.usage.output_tokens, settings),
    call,
  );
  if (!isStream) return json(200, message);
  return eventStream((pace) => messageEvents(said, pace), settings, call);
}

async function answerResponses(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const said = simulatedResponse(parsedJson(call.body), settings.reply_tokens, call.requestId);
  if ("fault" in said) return errorAnswer(400, said.fault, call.wire.dialect);
  const { response, isStream } = said;
  const wholeMs = isStream ? 0 : msUntil(response.usage.output_tokens, settings);
  await waitForHead(settings.first_token_ms + wholeMs, call);
  return isStream ? eventStream((pace) => responseEvents(said, pace), settings, call) : json(200, response);
}

const eventStream = (
  events: (pace: Pace) => AsyncGenerator<string, undefined>,
  settings: SimulatedSettings,
  { cancellation }: UpstreamCall,
): UpstreamAnswer => ({
  status: 200,
  headers: { "content-type": "text/event-stream; charset=utf-8" },
  body: streamed(events, settings, cancellation),
});

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

async function* events(answer: Answer, includeUsage: boolean, pace: Pace): AsyncGenerator<string, undefined> {
  const event = (choices: unknown[], usage: Answer["usage"] | null = null) => {
    const { id, created, model } = answer;
    const chunk = { id, object: "chat.completion.chunk", created, model, choices };
    return `data: ${JSON.stringify(includeUsage ? { ...chunk, usage } : chunk)}\n\n`;
  };
  const choice = (index: number, delta: object, finishReason: string | null = null) => [
    { index, delta, logprobs: null, finish_reason: finishReason },
  ];
  for (const index of answer.replies.keys()) {
    yield event(choice(index, { role: "assistant", content: "", refusal: null }));
  }
  const longest = Math.max(...answer.replies.map((reply) => reply.pieces.length));
  for (let at = 0; at < longest; at++) {
    for (const [index, reply] of answer.replies.entries()) {
      const piece = reply.pieces[at];
      if (piece === undefined) continue;
      await pace();
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

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function errorAnswer(status: number, message: string, dialect: string): UpstreamAnswer {
  const isOurs = status < 500;
  if (dialect === "messages") {
    const type = isOurs ? "invalid_request_error" : "api_error";
    return json(status, { type: "error", error: { type, message } });
  }
  const type = isOurs ? "invalid_request_error" : "server_error";
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
