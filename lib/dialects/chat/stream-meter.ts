import { type ReportedUsage, readUsage } from "#lib/providers/usage";

/** Why a stream cannot go on; `detail` is the provider's own error object, not yet scrubbed. */
export type StreamFault = { kind: "provider_error"; detail: unknown } | { kind: "broken" };

/**
 * Follows a stream of the OpenAI dialect by its bytes: relays whole events, holds back what must wait
 * for the settlement, and reads the usage. Plain data; `pushBytes` moves it on.
 */
export type StreamMeter = {
  /** Whether the usage chunk is passed on. */
  passUsage: boolean;
  /** The beginning of an event whose end has not arrived. */
  rest: Buffer;
  usage: ReportedUsage | null;
  /** `[DONE]` has arrived; it is not relayed before the row is settled. */
  done: boolean;
  /** A choice has ended with its `finish_reason`. */
  finished: boolean;
  fault: StreamFault | null;
  contentEvents: number;
  contentBytes: number;
};

const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);

/** The fields whose text a provider bills as output tokens. */
const CONTENT_FIELDS = [
  '"content"',
  '"reasoning_content"',
  '"reasoning"',
  '"refusal"',
  '"arguments"',
  '"text"',
];
const DATA = Buffer.from("data:");

export function streamMeter(options: { passUsage: boolean }): StreamMeter {
  return {
    passUsage: options.passUsage,
    rest: EMPTY,
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
 * @returns what can be relayed now: whole events in order, without the copying of what goes through
 * unchanged. Nothing after `[DONE]`, an error or a broken event is relayed.
 */
export function pushBytes(meter: StreamMeter, bytes: Buffer): Buffer[] {
  if (meter.done || meter.fault) return [];
  const text = meter.rest.length === 0 ? bytes : Buffer.concat([meter.rest, bytes]);
  const relayed: Buffer[] = [];
  let eventStart = 0;
  let relayFrom = 0;
  // What was searched before without finding an end need not be searched again, but for its last bytes.
  let searchFrom = Math.max(0, meter.rest.length - 3);
  for (;;) {
    const eventEnd = endOfEvent(text, searchFrom);
    if (eventEnd === -1) break;
    const relay = readEvent(meter, text.subarray(eventStart, eventEnd));
    if (!relay) {
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

/** Output tokens by what was relayed: a provider sends about a token an event, or four bytes a token. */
export function estimateOutputTokens(meter: StreamMeter): number {
  return Math.max(meter.contentEvents, Math.ceil(meter.contentBytes / 4));
}

/**
 * The position behind the blank line that ends the first event; -1 without one. Lines end in LF, CR LF
 * or CR (WHATWG HTML, server-sent events); a CR at the very end may yet be half of a CR LF.
 */
function endOfEvent(text: Buffer, from: number): number {
  if (text.indexOf(CR, from) === -1) {
    let at = text.indexOf(LF, from);
    while (at !== -1 && text[at + 1] !== LF) at = text.indexOf(LF, at + 1);
    return at === -1 ? -1 : at + 2;
  }
  for (let at = nextLineEnd(text, from); at !== -1; ) {
    const next = afterLineEnd(text, at);
    if (next === -1) return -1;
    if (text[next] === LF || text[next] === CR) return afterLineEnd(text, next);
    at = nextLineEnd(text, next);
  }
  return -1;
}

function nextLineEnd(text: Buffer, from: number): number {
  const lf = text.indexOf(LF, from);
  const cr = text.indexOf(CR, from);
  if (lf === -1 || cr === -1) return Math.max(lf, cr);
  return Math.min(lf, cr);
}

/** The position behind the line end at `at`; -1 where it cannot be told yet. */
function afterLineEnd(text: Buffer, at: number): number {
  if (text[at] === LF) return at + 1;
  if (at + 1 === text.length) return -1;
  return text[at + 1] === LF ? at + 2 : at + 1;
}

/** Reads one event into the meter. True if it goes to the client now. */
function readEvent(meter: StreamMeter, event: Buffer): boolean {
  const start = dataStart(event);
  if (start === -1) return true;
  const lineEnd = nextLineEnd(event, start);
  if (event.indexOf(DATA, lineEnd) !== -1 && dataLines(event).length > 1) {
    return readParsed(meter, dataLines(event).join("\n"));
  }
  // A byte a character: searching a string is what V8 does fastest, and all that is searched for is ASCII.
  const payload = event.toString("latin1", start + DATA.length, lineEnd).trim();
  if (payload === "[DONE]") {
    meter.done = true;
    return false;
  }
  if (!payload.startsWith("{") || !payload.endsWith("}")) {
    meter.fault = { kind: "broken" };
    return false;
  }
  countContent(meter, payload);
  if (!meter.finished) meter.finished = hasValue(payload, '"finish_reason"', '"');
  // Quotes inside strings are escaped, so these match keys (or whole strings) and nothing in between.
  if (payload.includes('"error"') || hasValue(payload, '"usage"', "{")) {
    return readParsed(meter, event.toString("utf8", start + DATA.length, lineEnd));
  }
  return true;
}

/** Where the first `data:` line begins; -1 for an event without one (a comment, a heartbeat). */
function dataStart(event: Buffer): number {
  // A stream may begin with a byte-order mark.
  const first = event[0] === 0xef ? 3 : 0;
  if (isData(event, first)) return first;
  for (let at = nextLineEnd(event, first); at !== -1; at = nextLineEnd(event, at + 1)) {
    if (isData(event, at + 1)) return at + 1;
  }
  return -1;
}

function isData(event: Buffer, at: number): boolean {
  return event[at] === DATA[0] && event.compare(DATA, 0, DATA.length, at, at + DATA.length) === 0;
}

function readParsed(meter: StreamMeter, payload: string): boolean {
  let chunk: unknown;
  try {
    chunk = JSON.parse(payload);
  } catch {
    meter.fault = { kind: "broken" };
    return false;
  }
  if (typeof chunk !== "object" || chunk === null) return true;
  if ("error" in chunk && chunk.error) {
    meter.fault = { kind: "provider_error", detail: chunk.error };
    return false;
  }
  if (!("usage" in chunk) || !chunk.usage) return true;
  meter.usage = readUsage(chunk.usage) ?? meter.usage;
  const isUsageChunk = "choices" in chunk && Array.isArray(chunk.choices) && chunk.choices.length === 0;
  return meter.passUsage || !isUsageChunk;
}

/** Adds the bytes of the event's texts, found without parsing it. */
function countContent(meter: StreamMeter, payload: string): void {
  let bytes = 0;
  for (const field of CONTENT_FIELDS) {
    for (let at = payload.indexOf(field); at !== -1; at = payload.indexOf(field, at + field.length)) {
      bytes += stringLength(payload, at + field.length);
    }
    // One kind of text an event, as providers send them: the commonest is looked for first.
    if (bytes > 0) break;
  }
  if (bytes === 0) return;
  meter.contentEvents += 1;
  meter.contentBytes += bytes;
}

/** The bytes between the quotes of the string value behind a key; 0 where there is none. */
function stringLength(payload: string, afterKey: number): number {
  const open = valueStart(payload, afterKey);
  if (open === -1 || payload[open] !== '"') return 0;
  let close = payload.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(payload, close)) close = payload.indexOf('"', close + 1);
  return close === -1 ? 0 : close - open - 1;
}

function isEscaped(payload: string, quote: number): boolean {
  let slashes = 0;
  while (payload[quote - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

/** Where the value begins whose key ends at `afterKey`; -1 if what ends there is no key. */
function valueStart(payload: string, afterKey: number): number {
  let at = afterKey;
  while (isSpace(payload.charCodeAt(at))) at += 1;
  if (payload[at] !== ":") return -1;
  at += 1;
  while (isSpace(payload.charCodeAt(at))) at += 1;
  return at;
}

/** Whether a key stands in the payload with a value that begins with `first`. */
function hasValue(payload: string, key: string, first: string): boolean {
  for (let at = payload.indexOf(key); at !== -1; at = payload.indexOf(key, at + key.length)) {
    const start = valueStart(payload, at + key.length);
    if (start !== -1 && payload[start] === first) return true;
  }
  return false;
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === LF || byte === CR;

/** Several `data:` lines are one payload. */
function dataLines(event: Buffer): string[] {
  return event
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""));
}
