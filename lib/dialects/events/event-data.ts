import { nextLineEnd } from "./event-ends";

const DATA = Buffer.from("data:");

/**
 * Where the payload of an event's first `data:` line begins and ends; null for an event without one (a
 * comment, a heartbeat).
 */
export function firstData(event: Buffer): { start: number; end: number } | null {
  const line = dataLineStart(event);
  if (line === -1) return null;
  const end = nextLineEnd(event, line);
  return { start: line + DATA.length, end: end === -1 ? event.length : end };
}

/** The payload of an event with several `data:` lines; null if it has only one. */
export function joinedData(event: Buffer, afterFirst: number): string | null {
  if (event.indexOf(DATA, afterFirst) === -1) return null;
  const lines = event
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""));
  return lines.length > 1 ? lines.join("\n") : null;
}

function dataLineStart(event: Buffer): number {
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
