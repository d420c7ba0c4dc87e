import { firstData, joinedData } from "#lib/dialects/events/event-data";
import type { EventReader, StreamMeter } from "#lib/dialects/events/stream-meter";
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
  if (joined !== null) return readParsed(meter, joined);
  // One byte per character: V8 searches that fastest, and all that is searched for is ASCII.
  const payload = event.toString("latin1", data.start, data.end).trim();
  if (payload === "[DONE]") {
    meter.done = true;
    return "drop";
  }
  if (!payload.startsWith("{") || !payload.endsWith("}")) {
    meter.fault = { kind: "broken" };
    return "drop";
  }
  countContent(meter, payload);
  if (!meter.finished) meter.finished = hasValue(payload, '"finish_reason"', '"');
  if (payload.includes('"error"') || hasValue(payload, '"usage"', "{")) {
    return readParsed(meter, event.toString("utf8", data.start, data.end));
  }
  return "relay";
}

function readParsed(meter: StreamMeter, payload: string): "relay" | "drop" {
  let chunk: unknown;
  try {
    chunk = JSON.parse(payload);
  } catch {
    meter.fault = { kind: "broken" };
    return "drop";
  }
  if (typeof chunk !== "object" || chunk === null) return "relay";
  if ("error" in chunk && chunk.error) {
    meter.fault = { kind: "provider_error", detail: chunk.error };
    return "drop";
  }
  if (!("usage" in chunk) || !chunk.usage) return "relay";
  meter.usage = readUsage(chunk.usage) ?? meter.usage;
  const isUsageChunk = "choices" in chunk && Array.isArray(chunk.choices) && chunk.choices.length === 0;
  return meter.passUsage || !isUsageChunk ? "relay" : "drop";
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
