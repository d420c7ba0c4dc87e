import { closingQuote } from "#lib/http/closing-quote";
import type { RareCharacters } from "./rare-characters";

// Searches in JSON text without parsing it. Quotes inside strings are escaped, so a quoted name that is found
// is a key or a whole string.

/** Whether a key occurs with a value that begins with `first`. */
export function hasValue(json: string, key: string, first: string): boolean {
  for (let at = json.indexOf(key); at !== -1; at = json.indexOf(key, at + key.length)) {
    const start = valueStart(json, at + key.length);
    if (start !== -1 && json[start] === first) return true;
  }
  return false;
}

/**
 * The length of all string values of a key from a position on, as they are written.
 * @param lengthOf another measure of what is between the quotes: one function for all events, which V8 calls fastest
 * @param rare is given to it
 */
export function stringLengths(
  json: string,
  key: string,
  from = 0,
  lengthOf: LengthOf = lengthAsWritten,
  rare: RareCharacters | null = null,
): number {
  let length = 0;
  for (let at = json.indexOf(key, from); at !== -1; at = json.indexOf(key, at + key.length)) {
    const open = valueStart(json, at + key.length);
    const close = open === -1 || json[open] !== '"' ? -1 : closingQuote(json, open + 1);
    if (close !== -1) length += lengthOf(json.slice(open + 1, close), rare);
  }
  return length;
}

type LengthOf = (written: string, rare: RareCharacters | null) => number;

const lengthAsWritten: LengthOf = ({ length }) => length;

/** Where the value begins whose key ends at `afterKey`; -1 if what ends there is not a key. */
function valueStart(json: string, afterKey: number): number {
  const colon = skipSpace(json, afterKey);
  return json[colon] === ":" ? skipSpace(json, colon + 1) : -1;
}

/** The position of the first character from `from` on that is not white space. */
export function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json.charCodeAt(at))) at += 1;
  return at;
}

export const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
