import { estimatedTokens } from "./estimate-tokens";

/** Of prose in the common languages, or somewhat less. */
export const BYTES_PER_TOKEN = 4;

/** An event with so few ASCII characters is about a token. */
const SHORT_CHARACTERS = 4;
/** By how much an estimate must exceed the bytes: pieces of prose are by chance somewhat above and below them. */
const LEAST_EXCESS = 1.25;
/** What is not written in JSON as it is, or not in ASCII. */
const OTHERWISE_WRITTEN = /[\\\x80-\xff]/;

/**
 * Bytes that a text of an answer counts as, where four are a token: its own, or more if its tokens are shorter, as those
 * of digits and rare scripts are.
 */
export function shownBytes(text: string): number {
  const bytes = Buffer.byteLength(text);
  if (bytes <= SHORT_CHARACTERS && bytes === text.length) return bytes;
  const estimated = Math.ceil(estimatedTokens(text) * BYTES_PER_TOKEN);
  return estimated > bytes * LEAST_EXCESS ? estimated : bytes;
}

/** The same of a text as it is written in JSON, with a character per byte. */
export function shownBytesAsWritten(written: string): number {
  return shownBytes(OTHERWISE_WRITTEN.test(written) ? asRead(written) : written);
}

function asRead(written: string): string {
  const text = Buffer.from(written, "latin1").toString();
  if (!text.includes("\\")) return text;
  try {
    const read: unknown = JSON.parse(`"${text}"`);
    return typeof read === "string" ? read : text;
  } catch {
    return text;
  }
}
