import { type LineEnds, lineEnds, nextLineEnd } from "./event-ends";

/**
 * Tells the events of a stream apart line by line, as its bytes arrive. Only `data:` lines are kept, so that comments,
 * blank lines and other fields take no memory, however many there are. Plain data; `takeBytes` and `nextEvent` move
 * it on.
 */
export type EventLines = {
  /** What is read now, and from where on. */
  text: Buffer;
  at: number;
  ends: LineEnds;
  /** Where the search for a line's end goes on: before it, there is none. */
  searchedTo: number;
  /** The beginning of a line whose end has not arrived: the first `restBytes` bytes. */
  rest: Buffer;
  restBytes: number;
  /** That line says nothing, and is not kept. */
  isSilentLine: boolean;
  /** The last line ended in CR, of which an LF may follow. */
  isAfterCr: boolean;
  isFirstLine: boolean;
  /** The event's `data:` lines so far, but for the last one in `text`, which is at `dataAt`; -1 without one. */
  data: Buffer[];
  dataBytes: number;
  dataAt: number;
  dataEnd: number;
  /** The event's name; empty without one. Its line is at `nameAt` in `text`; -1 if it came before, or without one. */
  name: string;
  nameAt: number;
  nameEnd: number;
  /** It has a comment or another field. */
  isAlive: boolean;
  isTooLarge: boolean;
  /** The names that clients know. */
  names: ReadonlySet<string>;
};

/** An event; without a payload it only says that the provider is alive. */
export type StreamEvent = {
  payload: Buffer | null;
  name: string;
  /** Its `data:` lines; null if the event is in `text` as it is relayed. */
  data: readonly Buffer[] | null;
  /** Whether its name is relayed. */
  isNamed: boolean;
  /** Where it is in `text`, then; else -1. */
  start: number;
  end: number;
};

/** A larger event breaks its stream: a picture in base64 has a few megabytes. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const MAX_DATA_LINES = 65_536;
/** A longer line names no event. */
const MAX_NAME_BYTES = 128;

const LF = 0x0a;
const SPACE = 0x20;
const EMPTY = Buffer.alloc(0);
const DATA = Buffer.from("data:");
const NAME = Buffer.from("event:");
/** A field of llama.cpp's. */
const ERROR = Buffer.from("error:");
const END = Buffer.from("\n");
const MARK = Buffer.from("\uFEFF");

/** An empty comment, in place of what says nothing. */
export const HEARTBEAT = Buffer.from(":\n\n");
const ALIVE: StreamEvent = { payload: null, name: "", data: null, isNamed: false, start: -1, end: -1 };

/** @param names the names of events that clients of the dialect know; none for a dialect without names */
export function eventLines(names: ReadonlySet<string>): EventLines {
  return {
    text: EMPTY,
    at: 0,
    ends: lineEnds(EMPTY),
    searchedTo: 0,
    rest: EMPTY,
    restBytes: 0,
    isSilentLine: false,
    isAfterCr: false,
    isFirstLine: true,
    data: [],
    dataBytes: 0,
    dataAt: -1,
    dataEnd: -1,
    name: "",
    nameAt: -1,
    nameEnd: -1,
    isAlive: false,
    isTooLarge: false,
    names,
  };
}

/** Whether what was taken has ended with an event, so that the next byte begins another. */
export const isBetweenEvents = ({
  restBytes,
  isSilentLine,
  isAfterCr,
  data,
  dataAt,
  name,
  nameAt,
  isAlive,
}: EventLines): boolean =>
  restBytes === 0 &&
  !isSilentLine &&
  !isAfterCr &&
  data.length === 0 &&
  dataAt === -1 &&
  name === "" &&
  nameAt === -1 &&
  !isAlive;

/** Takes the provider's next bytes; `nextEvent` must have returned null before. */
export function takeBytes(lines: EventLines, bytes: Buffer): void {
  lines.searchedTo = lines.restBytes;
  lines.text = joinRest(lines, bytes);
  lines.ends = lineEnds(lines.text);
  lines.at = 0;
  lines.nameAt = -1;
}

/** The next whole event in what was taken; null if there is none, or if it is too large. */
export function nextEvent(lines: EventLines): StreamEvent | null {
  const { text, ends } = lines;
  while (!lines.isTooLarge) {
    if (lines.isAfterCr && lines.at < text.length) {
      lines.isAfterCr = false;
      if (text[lines.at] === LF) lines.at += 1;
    }
    const start = lines.at;
    const end = nextLineEnd(ends, Math.max(start, lines.searchedTo));
    if (end === -1) {
      keepRest(lines);
      return null;
    }
    lines.at = afterLineEnd(lines, end);
    if (start < end || lines.isSilentLine) readLine(lines, start, end);
    else {
      const event = endEvent(lines, start);
      if (event !== null) return event;
    }
  }
  return null;
}

/** The event that a stream ended in without its blank line, or within its last line; null without one. */
export function lastEvent(lines: EventLines): StreamEvent | null {
  keepData(lines);
  lines.text = lines.rest.subarray(0, lines.restBytes);
  if (lines.restBytes > 0) readLine(lines, 0, lines.restBytes);
  lines.restBytes = 0;
  return lines.data.length === 0 && lines.dataAt === -1 ? null : endEvent(lines, -1);
}

function readLine(lines: EventLines, start: number, end: number): void {
  const { text } = lines;
  const isMarked = lines.isFirstLine && startsWith(text, start, MARK);
  const from = isMarked ? start + MARK.length : start;
  lines.isFirstLine = false;
  if (lines.isSilentLine) lines.isSilentLine = false;
  else if (isData(text, from, end)) {
    keepData(lines);
    lines.dataBytes += end - from;
    lines.dataAt = from;
    lines.dataEnd = end;
    lines.isTooLarge = lines.dataBytes > MAX_EVENT_BYTES || lines.data.length >= MAX_DATA_LINES;
    return;
  } else if (startsWith(text, from, ERROR)) {
    keepData(lines);
    lines.data.push(Buffer.concat([DATA, text.subarray(from + ERROR.length, end)]));
    lines.dataBytes += end - from;
    lines.name = "error";
    return;
  } else if (from === end) return;
  else if (startsWith(text, from, NAME) && end - from <= MAX_NAME_BYTES) {
    lines.name = text.toString("latin1", from + NAME.length, end).trim();
    lines.nameAt = from;
    lines.nameEnd = end;
  }
  lines.isAlive = true;
}

/** A line may be `data` alone. */
const isData = (text: Buffer, from: number, end: number) =>
  startsWith(text, from, DATA) || (end - from === 4 && startsWith(text, from, DATA.subarray(0, 4)));

/** Keeps the last `data:` line as bytes, before another one or another text. */
function keepData(lines: EventLines): void {
  if (lines.dataAt === -1) return;
  lines.data.push(lines.text.subarray(lines.dataAt, lines.dataEnd));
  lines.dataAt = -1;
}

/** @param blank where the blank line is; -1 if it is missing */
function endEvent(lines: EventLines, blank: number): StreamEvent | null {
  const { text, name, isAlive, dataAt, dataEnd } = lines;
  const isNamed = name !== "" && isPassed(lines.names, name);
  const start = isNamed ? startOfNamed(lines) : dataAt;
  lines.name = "";
  lines.isAlive = false;
  const isAsRelayed =
    lines.data.length === 0 &&
    start !== -1 &&
    blank === dataEnd + 1 &&
    text[dataEnd] === LF &&
    text[blank] === LF;
  if (isAsRelayed) {
    lines.dataAt = -1;
    lines.dataBytes = 0;
    return {
      payload: text.subarray(dataAt + DATA.length, dataEnd),
      name,
      data: null,
      isNamed,
      start,
      end: blank + 1,
    };
  }
  keepData(lines);
  const { data } = lines;
  const [first] = data;
  if (first === undefined) return isAlive ? ALIVE : null;
  lines.data = [];
  lines.dataBytes = 0;
  const payload = data.length === 1 ? first.subarray(DATA.length) : joinedData(data);
  return { payload, name, data, isNamed, start: -1, end: -1 };
}

/** A name that clients know; in a dialect that has names, also one that its maker may have added since. */
const isPassed = (names: ReadonlySet<string>, name: string): boolean =>
  names.has(name) || (names.size > 0 && LIKE_A_NAME.test(name));
const LIKE_A_NAME = /^[a-z][a-z_.]{0,63}$/;

/** Where an event begins whose name stands right before its data, as it is relayed; else -1. */
function startOfNamed({ text, name, nameAt, nameEnd, dataAt }: EventLines): number {
  const isAsRelayed =
    nameAt !== -1 &&
    nameEnd + 1 === dataAt &&
    text[nameEnd] === LF &&
    nameEnd - nameAt === NAME.length + 1 + name.length &&
    text[nameAt + NAME.length] === SPACE;
  return isAsRelayed ? nameAt : -1;
}

/**
 * An event as it is relayed: its name, if the dialect has names, its `data:` lines and a blank line, all ended by LF.
 * @param text what it was found in
 */
export function eventBytes({ payload, name, data, isNamed, start, end }: StreamEvent, text: Buffer): Buffer {
  if (payload === null) return HEARTBEAT;
  if (data === null) return text.subarray(start, end);
  const head = isNamed ? [Buffer.from(`event: ${name}\n`)] : [];
  return Buffer.concat([...head, ...data.flatMap((line) => [line, END]), END]);
}

/** The payload of several `data:` lines, as WHATWG HTML joins them. */
function joinedData(data: readonly Buffer[]): Buffer {
  return Buffer.from(data.map((line) => line.toString("utf8", DATA.length).replace(/^ /, "")).join("\n"));
}

/** The position after the line end at `at`. */
function afterLineEnd(lines: EventLines, at: number): number {
  const { text } = lines;
  if (text[at] === LF) return at + 1;
  if (at + 1 === text.length) {
    lines.isAfterCr = true;
    return at + 1;
  }
  return text[at + 1] === LF ? at + 2 : at + 1;
}

/**
 * The rest and the next bytes in one buffer. A large event arrives in many pieces: the buffer doubles, so that
 * each byte is copied a constant number of times.
 */
function joinRest(lines: EventLines, bytes: Buffer): Buffer {
  const { rest, restBytes } = lines;
  if (restBytes === 0) return bytes;
  const length = restBytes + bytes.length;
  if (rest.length < length) {
    lines.rest = Buffer.allocUnsafe(Math.max(length, 2 * restBytes));
    rest.copy(lines.rest, 0, 0, restBytes);
  }
  bytes.copy(lines.rest, restBytes);
  return lines.rest.subarray(0, length);
}

/** Keeps the beginning of a line that may matter. Without a whole line, `text` is the joined buffer and stays in place. */
function keepRest(lines: EventLines): void {
  keepData(lines);
  const { text, at } = lines;
  if (isSilent(lines, at, text.length)) {
    lines.isSilentLine = true;
    lines.rest = EMPTY;
    lines.restBytes = 0;
    return;
  }
  if (at > 0 || lines.restBytes === 0) lines.rest = text.subarray(at);
  lines.restBytes = text.length - at;
  lines.isTooLarge = lines.dataBytes + lines.restBytes > MAX_EVENT_BYTES;
}

/** Whether a line that begins so says nothing. */
function isSilent({ text, isSilentLine, isFirstLine }: EventLines, at: number, end: number): boolean {
  if (isSilentLine) return true;
  if (end - at < NAME.length || (isFirstLine && text[at] === MARK[0])) return false;
  if (startsWith(text, at, DATA) || startsWith(text, at, ERROR)) return false;
  return !(startsWith(text, at, NAME) && end - at <= MAX_NAME_BYTES);
}

/** A loop: native code costs more to call than these bytes. */
function startsWith(text: Buffer, at: number, word: Buffer): boolean {
  for (let index = 0; index < word.length; index++) if (text[at + index] !== word[index]) return false;
  return true;
}
