import { firstData, joinedData } from "#lib/dialects/events/event-data";
import { type EventReader, finishAnswer, type StreamMeter } from "#lib/dialects/events/stream-meter";
import { isObject } from "#lib/dialects/text/json-fields";
import { hasValue, stringLengths } from "#lib/dialects/text/json-scan";
import { readUsage } from "./usage";

const DONE = Buffer.from("data: [DONE]\n\n");

/** The fields whose text a provider bills as output tokens, the most common first. */
const CONTENT_FIELDS = [
  '"content"',
  '"reasoning_content"',
  '"reasoning"',
  '"refusal"',
  '"arguments"',
  '"text"',
];

/** A stream of chunks, which ends in `[DONE]`. */
export const chatEvents: EventReader = {
  read: readEvent,
  terminal: () => DONE,
  failed: (error) => Buffer.from(`data: ${JSON.stringify({ error })}\n\n`),
};

function readEvent(meter: StreamMeter, event: Buffer): "relay" | "drop" {
  const data = firstData(event);
  if (data === null) return "relay";
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
  if (!payload.startsWith("{") || !payload.endsWith("}")) {
    meter.fault = { kind: "broken" };
    return "drop";
  }
  countContent(meter, payload);
  const isParsed =
    payload.includes('"error"') ||
    hasValue(payload, '"usage"', "{") ||
    hasValue(payload, '"finish_reason"', '"');
  return isParsed ? readParsed(meter, bytes.toString("utf8", start, end)) : "relay";
}

function readParsed(meter: StreamMeter, payload: string): "relay" | "drop" {
  let chunk: unknown;
  try {
    chunk = JSON.parse(payload);
  } catch {
    meter.fault = { kind: "broken" };
    return "drop";
  }
  if (!isObject(chunk)) return "relay";
  if (chunk.error) {
    meter.fault = { kind: "provider_error", detail: chunk.error };
    return "drop";
  }
  const choices: readonly unknown[] = Array.isArray(chunk.choices) ? chunk.choices : [];
  for (const choice of choices) noteFinish(meter, choice);
  if (!chunk.usage) return "relay";
  meter.usage = readUsage(chunk.usage) ?? meter.usage;
  return meter.passUsage || choices.length > 0 ? "relay" : "drop";
}

/** Some providers send an empty reason with every chunk. */
function noteFinish(meter: StreamMeter, choice: unknown): void {
  if (!isObject(choice) || typeof choice.finish_reason !== "string" || choice.finish_reason === "") return;
  finishAnswer(meter, typeof choice.index === "number" ? choice.index : 0);
}

/** Adds the bytes of the event's texts, found without parsing it. */
function countContent(meter: StreamMeter, payload: string): void {
  for (const field of CONTENT_FIELDS) {
    const bytes = stringLengths(payload, field);
    if (bytes === 0) continue;
    // Providers send one kind of text per event.
    meter.contentEvents += 1;
    meter.contentBytes += bytes;
    return;
  }
}
