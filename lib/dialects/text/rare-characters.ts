import { inflateRawSync } from "node:zlib";
import { deflated } from "./character-tokens.json";
import { BYTES_PER_TOKEN } from "./estimate-tokens";

/**
 * What the characters of an answer that are several tokens each add to what it counts as (shown-bytes.ts), in the same
 * bytes, by vocabulary: a provider sends a character once it is whole, so that one event may be three tokens.
 */
export type RareCharacters = {
  o200k: number;
  cl100k: number;
  p50k: number;
  /**
   * The same, if an event of several tokens has as many as it can: each character that is not ASCII, of which words are
   * made, and each part of an ASCII word.
   */
  letters: number;
};

export const noRareCharacters = (): RareCharacters => ({ o200k: 0, cl100k: 0, p50k: 0, letters: 0 });

/**
 * For each character, how many tokens it is alone, less one: two bits each for o200k and cl100k, and then one that says
 * whether p50k has it as a token. Vocabularies as small as that one cut others into their bytes. The test makes it.
 */
export const CHARACTER_TOKENS = inflateRawSync(Buffer.from(deflated, "base64"));

/** Of a longer text, the rest is taken to be like its beginning. */
const MOST_CHARACTERS = 65_536;

/**
 * Adds what a text's rare characters are beyond what it counts as.
 * @param shownBytes what the whole text counts as
 */
export function addRareCharacters(sum: RareCharacters, text: string, shownBytes: number): void {
  const end = Math.min(text.length, MOST_CHARACTERS);
  let o200k = 0;
  let cl100k = 0;
  let p50k = 0;
  let letters = 0;
  let lettersIn = 0;
  for (let at = 0; at < end; at += 1) {
    const code = text.codePointAt(at) ?? 0;
    if (code < 0x80) {
      o200k += 1;
      cl100k += 1;
      p50k += 1;
      continue;
    }
    const bytes = utf8Bytes(code);
    if (bytes === 4) at += 1;
    lettersIn += 1;
    letters += BYTES_PER_TOKEN - bytes;
    const tokens = CHARACTER_TOKENS[code] ?? LONGEST;
    o200k += bytesOf((tokens & 3) + 1, bytes);
    cl100k += bytesOf(((tokens >> 2) & 3) + 1, bytes);
    p50k += bytesOf(tokens >> 4 === 1 ? 1 : bytes, bytes);
  }
  const times = text.length / end;
  sum.o200k += Math.max(0, o200k * times - shownBytes);
  sum.cl100k += Math.max(0, cl100k * times - shownBytes);
  sum.p50k += Math.max(0, p50k * times - shownBytes);
  if (lettersIn > 1) sum.letters += letters * times;
}

/** No token but a word's own is longer. */
const LONGEST_TOKEN = 16;
/** Of words that a vocabulary lacks. */
const LETTERS_PER_TOKEN = 2.5;
/** The same after so many characters without a space, as in encoded bytes. */
const LONGEST_UNBROKEN = 24;
const UNBROKEN_LETTERS_PER_TOKEN = 2;
const SAME_SIGNS_PER_TOKEN = 8;

/** Adds what a text in ASCII can be beyond what it counts as, if it is several tokens. */
export function addAsciiPieces(sum: RareCharacters, text: string, shownBytes: number): void {
  if (text.length <= LONGEST_TOKEN && text.indexOf(" ", 1) === -1) return;
  const end = Math.min(text.length, MOST_CHARACTERS);
  let tokens = 0;
  let letters = 0;
  let same = 0;
  let before = 0;
  let unbroken = 0;
  const endWord = () => {
    const perToken = unbroken > LONGEST_UNBROKEN ? UNBROKEN_LETTERS_PER_TOKEN : LETTERS_PER_TOKEN;
    tokens += Math.ceil(letters / perToken);
    letters = 0;
  };
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isLetter(code)) {
      if (isCapital(code) && !isCapital(before)) endWord();
      unbroken += 1;
      letters += 1;
      before = code;
      continue;
    }
    endWord();
    unbroken = code > SPACE ? unbroken + 1 : 0;
    same = code === before ? same + 1 : 0;
    const isMerged = !isDigit(code) && same % SAME_SIGNS_PER_TOKEN !== 0;
    // A word has the space before it.
    if (!isMerged && (code !== SPACE || code === before)) tokens += 1;
    before = code;
  }
  endWord();
  const times = text.length / end;
  sum.letters += Math.max(0, tokens * BYTES_PER_TOKEN * times - shownBytes);
}

const SPACE = 0x20;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a;
const isLetter = (code: number): boolean => (code | SPACE) >= 0x61 && (code | SPACE) <= 0x7a;

/** Adds those of other texts, or a share of them. */
export function addCounted(
  sum: RareCharacters,
  { o200k, cl100k, p50k, letters }: RareCharacters,
  share = 1,
): void {
  sum.o200k += o200k * share;
  sum.cl100k += cl100k * share;
  sum.p50k += p50k * share;
  sum.letters += letters * share;
}

/** The rarest have four bytes, each of them a token. */
const LONGEST = 0b1111;

/** A common character counts its bytes, since it is mostly a part of a longer token. */
const bytesOf = (tokens: number, bytes: number): number => (tokens === 1 ? bytes : tokens * BYTES_PER_TOKEN);

function utf8Bytes(code: number): number {
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
