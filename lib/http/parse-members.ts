import { setImmediate as nextTurn } from "node:timers/promises";
import { pauses } from "#lib/config/pauses";
import { ApiError } from "./api-error";
import { closingQuote } from "./closing-quote";
import { rejectCostlyJson } from "./json-cost";
import { rejectOtherThanUtf8 } from "./read-body";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** Of the largest size: small ones are many more. */
const MEMBERS_IN_WINDOW = 8;

/** The most members of a large object, their values together, and the size and depth of each. */
export type MemberLimits = { members: number; values: number; memberBytes: number; depth: number };

const INVALID_JSON = "The request body is not valid JSON.";
export const NOT_AN_OBJECT = 'The request body must be a JSON object, like {"name": "value"}.';

/**
 * Parses a large JSON object a member at a time, so that the process serves others meanwhile.
 * @throws ApiError invalid_request for what is not a JSON object in UTF-8, or exceeds a limit
 */
export async function parseMembers(bytes: Buffer, most: MemberLimits): Promise<Record<string, unknown>> {
  rejectOtherThanUtf8(bytes);
  const charactersFrom = characterWindow(bytes, most.memberBytes);
  const pause = pauses();
  // Without a prototype, so that "__proto__" is a name like others.
  const members: Record<string, unknown> = Object.create(null);
  let [count, values] = [0, 0];
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== OPENING_BRACE) throw invalid(NOT_AN_OBJECT);
  at = afterSpace(bytes, at + 1);
  let isOpen = bytes[at] !== CLOSING_BRACE;
  while (isOpen) {
    const member = memberAt(charactersFrom(at), at, most.memberBytes);
    const name = parse(bytes.toString("utf8", at, member.nameEnd));
    const value = bytes.toString("utf8", member.colon + 1, member.end);
    values += rejectCostlyJson(value, { values: most.values - values, depth: most.depth });
    members[String(name)] = parse(value);
    count += 1;
    if (count > most.members) {
      throw invalid(`The request body has more than ${most.members} members.`);
    }
    isOpen = bytes[member.end] === COMMA;
    at = isOpen ? afterSpace(bytes, member.end + 1) : member.end;
    await pause();
  }
  if (bytes[at] !== CLOSING_BRACE || afterSpace(bytes, at + 1) < bytes.length) throw invalid(INVALID_JSON);
  // What is done with so many may take long again.
  await nextTurn();
  return members;
}

/**
 * Creates the function that gives up to `count` bytes as characters, one for each, so that positions are the same in
 * both. Many are decoded at a time: one by one would cost more, and all at once would hold the process.
 */
function characterWindow(bytes: Buffer, count: number): (start: number) => string {
  let [from, text] = [0, ""];
  return (start) => {
    if (start + count > from + text.length && from + text.length < bytes.length) {
      [from, text] = [start, bytes.toString("latin1", start, start + count * MEMBERS_IN_WINDOW)];
    }
    return text.slice(start - from, start - from + count);
  };
}

/**
 * The positions after the name, and of the colon and the comma or bracket after the value, of the member at `start`.
 * @param most its characters and what follows, as many as a member may have
 */
function memberAt(most: string, start: number, mostBytes: number) {
  const nameEnd = most[0] === '"' ? closingQuote(most, 1) + 1 : most.length;
  const colon = nameEnd === 0 ? most.length : afterSpace(most, nameEnd);
  const end = most[colon] === ":" ? valueEnd(most, colon + 1) : colon;
  if (end < most.length && most[colon] === ":") {
    return { nameEnd: start + nameEnd, colon: start + colon, end: start + end };
  }
  if (most.length < mostBytes || end < most.length) throw invalid(INVALID_JSON);
  throw invalid(`A member of the request body is larger than ${mostBytes} bytes.`);
}

/** The position of the comma or bracket after the value that begins at `from`; the text's length without one. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(text, at + 1);
      if (at === -1) return text.length;
    } else if (depth === 0 && (code === COMMA || code === CLOSING_BRACE)) return at;
    else if ((code | 0x20) === 0x7b) depth += 1;
    else if ((code | 0x20) === 0x7d) depth -= 1;
  }
  return text.length;
}

function afterSpace(text: string | Uint8Array, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = typeof text === "string" ? text.charCodeAt(at) : text[at];
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw invalid(INVALID_JSON, cause);
  }
}

const invalid = (message: string, cause?: unknown) => new ApiError("invalid_request", message, { cause });
