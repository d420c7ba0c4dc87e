import { type LineEnds, lineEnds, nextLineEnd } from "./event-ends";

const DATA = Buffer.from("data:");
/** What may follow the last line: its end and a blank line. */
const MOST_END_BYTES = 4;

/**
 * Where the payload of an event's first `data:` line begins and ends; null for an event without one (a
 * comment, a heartbeat).
 */
export function firstData(event: Buffer): { start: number; end: number } | null {
  const ends = lineEnds(event);
  const line = dataLineStart(event, ends);
  if (line === -1) return null;
  const end = nextLineEnd(ends, line);
  return { start: line + DATA.length, end: end === -1 ? event.length : end };
}

/**
 * The payload of an event with several `data:` lines; null if it has only one.
 * @param afterFirst where the first of them ends
 */
export function joinedData(event: Buffer, afterFirst: number): string | null {
  if (event.length - afterFirst <= MOST_END_BYTES) return null;
  if (nextDataLine(event, lineEnds(event), afterFirst) === -1) return null;
  return event
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
}

/** Whether an event is named `error`. Its first data begin at `dataStart`; providers name it before them. */
export function isErrorEvent(event: Buffer, dataStart: number): boolean {
  if (dataStart <= DATA.length) return false;
  return /^\uFEFF?event: ?error\s*$/m.test(event.toString("utf8", 0, dataStart - DATA.length));
}

function dataLineStart(event: Buffer, ends: LineEnds): number {
  // A stream may begin with a byte-order mark.
  const first = event[0] === 0xef ? 3 : 0;
  return isData(event, first) ? first : nextDataLine(event, ends, first);
}

/** Where the next `data:` line begins after the line that `from` is in; -1 without one. */
function nextDataLine(event: Buffer, ends: LineEnds, from: number): number {
  for (let at = nextLineEnd(ends, from); at !== -1; at = nextLineEnd(ends, at + 1)) {
    if (isData(event, at + 1)) return at + 1;
  }
  return -1;
}

function isData(event: Buffer, at: number): boolean {
  return event[at] === DATA[0] && event.compare(DATA, 0, DATA.length, at, at + DATA.length) === 0;
}
