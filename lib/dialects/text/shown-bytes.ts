import { BYTES_PER_TOKEN, estimatedTokens } from "./estimate-tokens";
import { addAsciiPieces, addRareCharacters, type RareCharacters } from "./rare-characters";

/** An event with so few ASCII characters is about a token. */
const SHORT_CHARACTERS = 4;
/** But where capitals, small letters and digits follow each other, as in Base64: of that, hardly two characters are a token. */
const ENCODED = /[a-z][A-Z]|[A-Za-z][\d+/]|[\d+/][A-Za-z]/;
/** By how much an estimate must exceed the bytes: pieces of prose are by chance somewhat above and below them. */
const LEAST_EXCESS = 1.25;
/** What is not written in JSON as it is, or not in ASCII. */
const OTHERWISE_WRITTEN = /[\\\x80-\xff]/;

/**
 * Bytes that a text of an answer counts as, where four are a token: its own, or more if its tokens are shorter, as those
 * of digits and rare scripts are.
 * @param rare gets what its rare characters are beyond that
 */
export function shownBytes(text: string, rare: RareCharacters | null = null): number {
  const bytes = Buffer.byteLength(text);
  if (bytes === text.length) return shownBytesOfAscii(text, rare);
  const shown = shownOf(text, bytes);
  if (rare !== null) addRareCharacters(rare, text, shown);
  return shown;
}

/** The same of a text as it is written in JSON, with a character per byte. */
export function shownBytesAsWritten(written: string, rare: RareCharacters | null = null): number {
  return OTHERWISE_WRITTEN.test(written)
    ? shownBytes(asRead(written), rare)
    : shownBytesOfAscii(written, rare);
}

function shownBytesOfAscii(text: string, rare: RareCharacters | null): number {
  if (text.length <= SHORT_CHARACTERS && !ENCODED.test(text)) return text.length;
  const shown = shownOf(text, text.length);
  if (rare !== null) addAsciiPieces(rare, text, shown);
  return shown;
}

function shownOf(text: string, bytes: number): number {
  const estimated = Math.ceil(estimatedTokens(text) * BYTES_PER_TOKEN);
  return estimated > bytes * LEAST_EXCESS ? estimated : bytes;
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
