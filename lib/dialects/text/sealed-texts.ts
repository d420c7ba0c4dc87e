import { BYTES_PER_TOKEN } from "./estimate-tokens";
import type { RareCharacters } from "./rare-characters";

/** Base64 has four characters for three bytes, and a token of prose some four bytes. */
const TOKENS_PER_CHARACTER = 0.19;
/** Each byte is a token in digits and rare scripts. */
const MOST_TOKENS_PER_CHARACTER = 0.75;

/** Tokens of what is encrypted in texts of so many characters. */
export const sealedTokens = (characters: number): number => Math.ceil(characters * TOKENS_PER_CHARACTER);

/** The same at most, whatever a client had the model think of. */
export const mostSealedTokens = (characters: number): number =>
  Math.ceil(characters * MOST_TOKENS_PER_CHARACTER);

/**
 * Bytes that an answer's encrypted texts count as, as shown texts do (shown-bytes.ts).
 * @param shownBytes what was shown of it besides: all, or a summary
 */
export const sealedBytes = (characters: number, shownBytes: number): number =>
  Math.max(0, sealedTokens(characters) * BYTES_PER_TOKEN - shownBytes);

/** Adds what they may be beyond that. */
export function addSealed(sum: RareCharacters, characters: number): void {
  const bytes = (mostSealedTokens(characters) - sealedTokens(characters)) * BYTES_PER_TOKEN;
  sum.o200k += bytes;
  sum.cl100k += bytes;
  sum.p50k += bytes;
}
