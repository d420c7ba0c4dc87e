import { readNotJson } from "#lib/dialects/errors/not-json";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { firstData, isErrorEvent, joinedData } from "#lib/dialects/events/event-data";
import {
  type EventReader,
  finishAnswer,
  noteUsage,
  type StreamMeter,
} from "#lib/dialects/events/stream-meter";
import { rejectCostlyJson } from "#lib/dialects/text/json-cost";
import { isObject } from "#lib/dialects/text/json-fields";
import { hasValue, stringLengths } from "#lib/dialects/text/json-scan";
import { choicesOf, errorInChoices, hasContent } from "./choices";
import { DONE } from "./done";
import { mediaTokensOf } from "./output-tokens";
import { usageIn } from "./usage";

/** The fields whose text a provider bills as output tokens, the most common first. */
const CONTENT_FIELDS = [
  '"content"',
  '"reasoning_content"',
  '"reasoning"',
  '"refusal"',
  '"arguments"',
  '"text"',
];

/** Where pictures and recordings are; a shorter chunk has no data. */
const MEDIA_FIELDS = ['"image_url"', '"audio"', '"b64_json"'];
const SHORT_CHARACTERS = 500;

/** A stream of chunks, which ends in `[DONE]`. */
export const chatEvents: EventReader = {
  read: readEvent,
  terminal: () => DONE,
  failed: (error) => Buffer.from(`data: ${JSON.stringify({ error })}\n\n`),
};

function readEvent(meter: StreamMeter, event: Buffer): "relay" | "drop" {
  const data = firstData(event);
  if (data === null) return "relay";
  if (isErrorEvent(event, data.start)) return readError(meter, event.toString("utf8", data.start, data.end));
  const joined = joinedData(event, data.end);
  if (joined !== null) {
    const bytes = Buffer.from(joined);
    return readPayload(meter, bytes, 0, bytes.length);
  }
  return readPayload(meter, event, data.start, data.end);
}

function readPayload(meter: StreamMeter, bytes: Buffer, start: number, end: number): "relay" | "drop" {
  // One byte per character: V8 searches that fastest, and all that is searched for is ASCII.
  const payload = bytes.toString("latin1", start, end).trim();
  // No event at all by the standard, but SDKs try to parse it.
  if (payload === "") return "drop";
  if (payload === "[DONE]") {
    meter.done = true;
    return "drop";
  }
  if (!isClosed(payload)) return readNoJson(meter, bytes.toString("utf8", start, end));
  if (isPlainChunk(meter, payload)) return "relay";
  return readParsed(meter, bytes.toString("utf8", start, end));
}

/** Whether a payload can be JSON: an object, or a list, as Google reports an error. */
function isClosed(payload: string): boolean {
  return payload.startsWith("{") ? payload.endsWith("}") : payload.startsWith("[") && payload.endsWith("]");
}

/**
 * Counts a chunk's content.
 * @returns whether all is known about the chunk without parsing it: it has text or follows the first content, and
 * it neither reports an error or usage nor finishes an answer
 */
function isPlainChunk(meter: StreamMeter, payload: string): boolean {
  const choicesAt = payload.indexOf('"choices"');
  if (choicesAt === -1) return false;
  const isCounted = countContent(meter, payload, choicesAt);
  const isParsed =
    (payload.length > SHORT_CHARACTERS && MEDIA_FIELDS.some((field) => payload.includes(field))) ||
    payload.includes('"error"') ||
    hasValue(payload, '"usage"', "{") ||
    stringLengths(payload, '"finish_reason"', choicesAt) > 0;
  if (isParsed) return false;
  if (isCounted) meter.hasContent = true;
  return isCounted || (meter.hasContent && !payload.includes('"base_resp"'));
}

function readParsed(meter: StreamMeter, payload: string): "relay" | "drop" {
  let chunk: unknown;
  try {
    // An event of many megabytes of brackets would take seconds.
    rejectCostlyJson(payload);
    chunk = JSON.parse(payload);
  } catch {
    meter.fault = { kind: "broken" };
    return "drop";
  }
  const choices = choicesOf(chunk);
  const error = reportedError(chunk, choices.length > 0) ?? errorInChoices(choices);
  const usage = usageIn(chunk);
  noteUsage(meter, usage);
  if (error !== null) {
    meter.fault = { kind: "provider_error", detail: error };
    return "drop";
  }
  meter.mediaTokens += mediaTokensOf(choices);
  for (const choice of choices) {
    if (hasContent(choice)) meter.hasContent = true;
    noteFinish(meter, choice);
  }
  // What only reports the usage is for clients that asked for it.
  return usage === null || meter.passUsage || choices.length > 0 ? "relay" : "drop";
}

/** Some providers send an empty reason with every chunk. */
function noteFinish(meter: StreamMeter, choice: unknown): void {
  if (!isObject(choice) || typeof choice.finish_reason !== "string" || choice.finish_reason === "") return;
  finishAnswer(meter, typeof choice.index === "number" ? choice.index : 0);
}

/** Words or a page instead of a first chunk are an error; later, and for half a chunk, the stream is broken. */
function readNoJson(meter: StreamMeter, payload: string): "drop" {
  const { said, error } = readNotJson(payload);
  const isError = said === "error" && !meter.hasContent;
  meter.fault = isError ? { kind: "provider_error", detail: error } : { kind: "broken" };
  return "drop";
}

/** An event whose name says that it is an error, whatever its data look like. */
function readError(meter: StreamMeter, payload: string): "drop" {
  const words = payload.trim();
  if (words.startsWith("{")) readParsed(meter, words);
  if (meter.fault?.kind !== "provider_error") {
    meter.fault = { kind: "provider_error", detail: { message: words } };
  }
  return "drop";
}

/** Adds the bytes of the event's texts, found without parsing it; false if it has none. */
function countContent(meter: StreamMeter, payload: string, choicesAt: number): boolean {
  for (const field of CONTENT_FIELDS) {
    const bytes = stringLengths(payload, field, choicesAt);
    if (bytes === 0) continue;
    // Providers send one kind of text per event.
    meter.contentEvents += 1;
    meter.contentBytes += bytes;
    return true;
  }
  return false;
}
