import type { Usage } from "#lib/credit/prices/price";
import type { ErrorFields } from "#lib/http/api-error";
import { endOfEvent } from "./event-ends";

/** Why a stream cannot go on; `detail` is the provider's own error, not yet scrubbed. */
export type StreamFault = { kind: "provider_error"; detail: unknown } | { kind: "broken" };

/**
 * Follows a stream by its bytes: relays whole events, holds back what must wait for the settlement, and reads
 * the usage. Plain data; `pushBytes` moves it on.
 */
export type StreamMeter = {
  reader: EventReader;
  /** Whether the client asked for the usage. */
  passUsage: boolean;
  /** The beginning of an event whose end has not arrived. */
  rest: Buffer;
  /** Events that wait for the settlement. */
  held: Buffer[];
  usage: Usage | null;
  /** The terminal event has arrived; it is not relayed before the row is settled. */
  done: boolean;
  /** An answer is complete, though the terminal event has not arrived. */
  finished: boolean;
  fault: StreamFault | null;
  contentEvents: number;
  contentBytes: number;
};

/** What a dialect knows about its events. */
export type EventReader = {
  /** Reads one event into the meter: relay it now, hold it until the row is settled, or drop it. */
  read: (meter: StreamMeter, event: Buffer) => "relay" | "hold" | "drop";
  /** What ends a whole stream, after the events that were held. */
  terminal: (meter: StreamMeter) => Buffer;
  /** The event that tells the client that the stream has failed. */
  failed: (error: ErrorFields, meter: StreamMeter) => Buffer;
};

const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

export function streamMeter(reader: EventReader, options: { passUsage: boolean }): StreamMeter {
  return {
    reader,
    passUsage: options.passUsage,
    rest: EMPTY,
    held: [],
    usage: null,
    done: false,
    finished: false,
    fault: null,
    contentEvents: 0,
    contentBytes: 0,
  };
}

/**
 * Takes the provider's next bytes.
 * @returns what can be relayed now: whole events in order, without copying what goes through unchanged.
 * Nothing after the terminal event, an error or a broken event is relayed.
 */
export function pushBytes(meter: StreamMeter, bytes: Buffer): Buffer[] {
  if (meter.done || meter.fault) return [];
  const text = meter.rest.length === 0 ? bytes : Buffer.concat([meter.rest, bytes]);
  const relayed: Buffer[] = [];
  let eventStart = 0;
  let relayFrom = 0;
  // The rest was searched before: only its last bytes may be part of an event's end.
  let searchFrom = Math.max(0, meter.rest.length - 3);
  for (;;) {
    const eventEnd = endOfEvent(text, searchFrom);
    if (eventEnd === -1) break;
    const event = text.subarray(eventStart, eventEnd);
    const verdict = meter.reader.read(meter, event);
    if (verdict !== "relay") {
      if (verdict === "hold") meter.held.push(event);
      if (eventStart > relayFrom) relayed.push(text.subarray(relayFrom, eventStart));
      relayFrom = eventEnd;
    }
    eventStart = eventEnd;
    searchFrom = eventEnd;
    if (meter.done || meter.fault) break;
  }
  if (eventStart > relayFrom) relayed.push(text.subarray(relayFrom, eventStart));
  meter.rest = meter.done || meter.fault ? EMPTY : text.subarray(eventStart);
  if (meter.rest.length > MAX_EVENT_BYTES) meter.fault = { kind: "broken" };
  return relayed;
}

/** Output tokens by what was relayed: a provider sends about one token per event, or four bytes per token. */
export function estimateOutputTokens(meter: StreamMeter): number {
  return Math.max(meter.contentEvents, Math.ceil(meter.contentBytes / 4));
}
