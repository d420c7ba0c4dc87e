import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { signalOf } from "#lib/providers/cancellation";
import { parsedJson } from "#lib/providers/read-json";
import { bodyOf } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Exchange, UpstreamAnswer, UpstreamCall } from "#lib/providers/wire";
import { chatEvents, simulatedChat } from "./chat";
import { completionEvents, simulatedCompletion } from "./completions";
import { simulatedEmbeddings } from "./embeddings";
import { messageEvents, simulatedCount, simulatedMessage } from "./messages";
import { responseEvents, simulatedResponse } from "./responses";
import type { SimulatedSettings } from "./settings";
import { msUntil, type Pace, streamed } from "./stream";

/**
 * An exchange within this process that answers chat and legacy completions, responses, messages and embeddings. The text depends
 * only on the model and the messages, unless they ask for the call of a tool (asked-calls.ts). The usage is exact,
 * counted in pieces (reply.ts).
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
  if (dialect === "count_tokens") return json(200, simulatedCount(parsedJson(call.body)));
  if (dialect === "responses") return answerResponses(call, settings);
  if (dialect === "completions") return answerCompletions(call, settings);
  if (dialect === "embeddings") return answerEmbeddings(call, settings);
  return answerChat(call, settings);
}

function answerChat(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const said = simulatedChat(parsedJson(call.body), settings.reply_tokens, call.requestId);
  return answerChoices(said, chatEvents, settings, call);
}

function answerCompletions(call: UpstreamCall, settings: SimulatedSettings): Promise<UpstreamAnswer> {
  const said = simulatedCompletion(parsedJson(call.body), settings.reply_tokens, call.requestId);
  return answerChoices(said, completionEvents, settings, call);
}

type Choices = { isStream: boolean; completion: { usage: { completion_tokens: number } } };

async function answerChoices<Said extends Choices>(
  said: Said | { fault: string },
  events: (said: Said, pace: Pace) => AsyncGenerator<string, undefined>,
  settings: SimulatedSettings,
  call: UpstreamCall,
): Promise<UpstreamAnswer> {
  if ("fault" in said) return errorAnswer(400, said.fault, call.wire.dialect);
  const { completion, isStream } = said;
  const wholeMs = isStream ? 0 : msUntil(completion.usage.completion_tokens, settings);
  await waitForHead(settings.first_token_ms + wholeMs, call);
  return isStream ? eventStream((pace) => events(said, pace), settings, call) : json(200, completion);
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
  call: UpstreamCall,
): UpstreamAnswer => ({
  status: 200,
  headers: { "content-type": "text/event-stream; charset=utf-8" },
  body: streamed(events, settings, call),
});

async function waitForHead(delayMs: number, { cancellation, timeoutMs }: UpstreamCall): Promise<void> {
  if (cancellation.isCancelled()) throw new CallCancelled(false);
  if (delayMs === 0) return;
  try {
    await sleep(Math.min(delayMs, timeoutMs), undefined, { signal: signalOf(cancellation) });
  } catch {
    throw new CallCancelled();
  }
  if (delayMs > timeoutMs) throw new UpstreamTimeout("The provider did not answer in time", true);
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
