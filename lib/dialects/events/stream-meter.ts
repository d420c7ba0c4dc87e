import type { Usage } from "#lib/credit/prices/meters";

import type { Said } from "#lib/dialects/said";
import { laterUsage } from "#lib/dialects/usage";
import type { ErrorFields } from "#lib/http/api-error";
import { firstData } from "./event-data";
import { endOfEvent, lineEnds } from "./event-ends";

/** Why a stream cannot go on; `detail` is the object that reports the provider's error, not yet scrubbed. */
export type StreamFault = { kind: "provider_error"; detail: unknown } | { kind: "broken" };

/**
 * Follows a stream by its bytes: relays whole events, holds back what must wait for the settlement, and reads
 * the usage. Plain data; `pushBytes` moves it on.
 */
export type StreamMeter = {
  reader: EventReader;
  /** Whether the client asked for the usage. */
  passUsage: boolean;
  /** The beginning of an event whose end has not arrived: the first `restBytes` bytes. */
  rest: Buffer;
  restBytes: number;
  /** Events that wait for the settlement. */
  held: Buffer[];
  usage: Usage | null;
  /** `contentBytes` when the usage came. */
  usageContentBytes: number;
  /** The terminal event has arrived; it is not relayed before the row is settled. */
  done: boolean;
  /** How many answers the client asked for, at least one. */
  answers: number;
  /** The answers that are complete, by their index. */
  finishedAnswers: number[];
  /** All answers are complete, though the terminal event has not arrived. */
  finished: boolean;
  fault: StreamFault | null;
  /** Reads what follows a provider's error, for its usage; null before. */
  afterError: StreamMeter | null;
  /** Content has arrived: a text, a call, an image or sound. */
  hasContent: boolean;
  contentEvents: number;
  contentBytes: number;
  /** Tokens of pictures and recordings, by estimate. */
  mediaTokens: number;
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

/** A larger event breaks its stream: a picture in base64 has a few megabytes. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const BLANK_LINE = Buffer.from("\n\n");

/** What a meter needs to know of the client's request. */
export type MeterOptions = { passUsage: boolean; answers: number };

export function streamMeter(reader: EventReader, { passUsage, answers }: MeterOptions): StreamMeter {
  return {
    reader,
    passUsage,
    rest: EMPTY,
    restBytes: 0,
    held: [],
    usage: null,
    usageContentBytes: 0,
    done: false,
    answers: Math.max(1, answers),
    finishedAnswers: [],
    finished: false,
    fault: null,
    afterError: null,
    hasContent: false,
    contentEvents: 0,
    contentBytes: 0,
    mediaTokens: 0,
  };
}

/**
 * Takes the provider's next bytes.
 * @returns what can be relayed now: whole events in order, without copying what goes through unchanged.
 * Nothing after the terminal event, an error or a broken event is relayed.
 */
export function pushBytes(meter: StreamMeter, bytes: Buffer): Buffer[] {
  if (meter.done || meter.fault) {
    readAfterError(meter, bytes);
    return [];
  }
  const text = joinRest(meter, bytes);
  const ends = lineEnds(text);
  const relayed: Buffer[] = [];
  let eventStart = 0;
  let relayFrom = 0;
  // The rest was searched before: only its last bytes may be part of an event's end.
  let searchFrom = Math.max(0, meter.restBytes - 3);
  for (;;) {
    const eventEnd = endOfEvent(ends, searchFrom);
    if (eventEnd === -1) break;
    const event = text.subarray(eventStart, eventEnd);
    const verdict = readEvent(meter, event);
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
  readAfterError(meter, text.subarray(eventStart));
  keepRest(meter, text, eventStart);
  return relayed;
}

/** Whether a usage may follow: some providers report what an answer has cost after the error that ended it. */
export const mayReportUsage = ({ fault, usage, afterError }: StreamMeter): boolean =>
  fault?.kind === "provider_error" && usage === null && !afterError?.done && !afterError?.fault;

function readAfterError(meter: StreamMeter, bytes: Buffer): void {
  if (!mayReportUsage(meter)) return;
  meter.afterError ??= streamMeter(meter.reader, { passUsage: true, answers: meter.answers });
  pushBytes(meter.afterError, bytes);
  noteUsage(meter, meter.afterError.usage);
}

/**
 * Takes the provider's clean end. Some leave out the blank line after the last event: it counts if it can be
 * read, and gets its blank line.
 * @returns what can be relayed now
 */
export function pushEnd(meter: StreamMeter): Buffer[] {
  if (meter.afterError) {
    pushEnd(meter.afterError);
    noteUsage(meter, meter.afterError.usage);
  }
  if (meter.done || meter.fault || meter.restBytes === 0) return [];
  const event = meter.rest.subarray(0, meter.restBytes);
  keepRest(meter, EMPTY, 0);
  if (firstData(event) === null) return [];
  const verdict = readEvent(meter, event);
  if (verdict === "drop") return [];
  const ended = Buffer.concat([event, BLANK_LINE]);
  if (verdict === "relay") return [ended];
  meter.held.push(ended);
  return [];
}

function readEvent(meter: StreamMeter, event: Buffer): "relay" | "hold" | "drop" {
  if (event.length <= MAX_EVENT_BYTES) return meter.reader.read(meter, event);
  meter.fault = { kind: "broken" };
  return "drop";
}

/**
 * The rest and the next bytes in one buffer. A large event arrives in many pieces: the buffer doubles, so that
 * each byte is copied a constant number of times.
 */
function joinRest(meter: StreamMeter, bytes: Buffer): Buffer {
  const { rest, restBytes } = meter;
  if (restBytes === 0) return bytes;
  const length = restBytes + bytes.length;
  if (rest.length < length) {
    meter.rest = Buffer.allocUnsafe(Math.max(length, 2 * restBytes));
    rest.copy(meter.rest, 0, 0, restBytes);
  }
  bytes.copy(meter.rest, restBytes);
  return meter.rest.subarray(0, length);
}

/** Keeps what follows the last whole event. Without one, `text` is the joined buffer and stays in place. */
function keepRest(meter: StreamMeter, text: Buffer, from: number): void {
  if (meter.done || meter.fault) {
    meter.rest = EMPTY;
    meter.restBytes = 0;
    return;
  }
  if (from > 0 || meter.restBytes === 0) meter.rest = text.subarray(from);
  meter.restBytes = text.length - from;
  if (meter.restBytes <= MAX_EVENT_BYTES) return;
  meter.fault = { kind: "broken" };
  meter.rest = EMPTY;
  meter.restBytes = 0;
}

/** Notes that an answer is complete. */
export function finishAnswer(meter: StreamMeter, index: number): void {
  if (meter.finishedAnswers.includes(index)) return;
  meter.finishedAnswers.push(index);
  meter.finished = meter.finishedAnswers.length >= meter.answers;
}

/** Notes a usage that the provider reports, at the end or several times on the way. */
export function noteUsage(meter: StreamMeter, usage: Usage | null): void {
  if (usage === null) return;
  meter.usage = laterUsage(meter.usage, usage);
  meter.usageContentBytes = meter.contentBytes;
}

/** Whether the usage counts all of the content: some providers report one at the beginning, and break off. */
export const isUsageFinal = ({ usage, contentBytes, usageContentBytes }: StreamMeter): boolean =>
  usage !== null && contentBytes === usageContentBytes;

/** What the provider has said: content stays content, also if an error follows. */
export function saidBy(meter: StreamMeter): Said {
  if (meter.hasContent || meter.finishedAnswers.length > 0) return "content";
  if (meter.fault !== null) return meter.fault.kind === "provider_error" ? "error" : "unusable";
  return "nothing";
}

/** Output tokens by what has arrived: a provider sends about one token per event, or four bytes per token. */
export function seenTokens({ contentEvents, contentBytes, mediaTokens }: StreamMeter): number {
  return Math.max(contentEvents, Math.ceil(contentBytes / 4)) + mediaTokens;
}
