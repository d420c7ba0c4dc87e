import { isAscii, isUtf8 } from "node:buffer";
import type { RareCharacters } from "#lib/dialects/text/rare-characters";
import { shownBytes, shownBytesAsWritten } from "#lib/dialects/text/shown-bytes";

// Patterns of valid JSON (RFC 8259), for events that need not be parsed: each accepts a part of what JSON allows.

const SPACE = "[ \\t\\n\\r]*";
/** A string's characters as they are written: none that JSON forbids, and whole escapes. */
const CHARACTERS = String.raw`[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*`;
/** Those that are one byte in UTF-8, without escapes. */
export const PLAIN_CHARACTERS = String.raw`[^"\\\x00-\x1f\x7f-\xff]*`;
const COLON = ": ?";
/** Between members. */
export const COMMA = ", ?";

const member = (names: string, value: string): string => `"(?:${names})"${COLON}${value}`;
/** A member with one of the names, separated by `|`, and a text, which is captured. */
export const textMember = (names: string): string => member(names, `"(${CHARACTERS})"`);
/** One with a string whose characters match. */
export const stringMember = (names: string, pattern: string): string => member(names, `"${pattern}"`);
/** One with a whole number. */
export const countMember = (names: string): string => member(names, "(?:0|[1-9]\\d*)");
/** One with a list of nothing. */
export const emptyListMember = (names: string): string => member(names, "\\[\\]");
/** One with an object of these members. */
export const objectMember = (names: string, members: string): string => member(names, objectOf(members));
const objectOf = (members: string): string => `\\{${members}${SPACE}\\}`;
/** A longer event is rare, and a pattern remembers each escape in it. */
const MOST_BYTES = 64 * 1024;

/**
 * Makes a reader of events that have one text: how many bytes it counts as (lib/dialects/text/shown-bytes.ts), as if the
 * event were parsed. It returns null for an event that must be parsed: one with other members, or that is not UTF-8.
 * @param members of the payload; the first or the second group captures the text
 */
export function plainTextReader(members: string): PlainTextReader {
  const pattern = new RegExp(`^${SPACE}${objectOf(members)}${SPACE}$`);
  return (payload, rare = null) => textBytesIn(payload, rare, pattern);
}

/** @param rare gets what the rare characters of the text are beyond its bytes */
export type PlainTextReader = (payload: Buffer, rare?: RareCharacters | null) => number | null;

function textBytesIn(payload: Buffer, rare: RareCharacters | null, pattern: RegExp): number | null {
  if (payload.length > MOST_BYTES) return null;
  // One byte per character: V8 matches that fastest, and all but the text is ASCII.
  const found = pattern.exec(payload.toString("latin1"));
  if (found === null) return null;
  const text = found[1] ?? found[2] ?? "";
  if (!text.includes("\\")) return isUtf8(payload) ? shownBytesAsWritten(text, rare) : null;
  if (!isAscii(payload)) return null;
  const unescaped: unknown = JSON.parse(`"${text}"`);
  return typeof unescaped === "string" ? shownBytes(unescaped, rare) : null;
}
