import type { Tokenizer } from "./tokenizers";

// Before a text is cut into tokens it is cut into pieces: words with the space before them, up to three digits,
// punctuation, line breaks. No token spans two of them, in either of OpenAI's tokenizers.

const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;
const SPACE = 4;
const LINE_BREAK = 5;
const PUNCTUATION = 6;
/** Three digits are a piece. */
const THIRDS = 3;
const BLOCK_CHARACTERS = 4_096;
const APOSTROPHE = 0x27;

/** The class of each ASCII character; 0 for control characters and all others. */
const CLASSES = new Uint8Array(128).map((_, code) => classOfCharacter(String.fromCharCode(code)));

function classOfCharacter(character: string): number {
  if (/[a-z]/.test(character)) return LOWER;
  if (/[A-Z]/.test(character)) return UPPER;
  if (/[0-9]/.test(character)) return DIGIT;
  if (character === " ") return SPACE;
  if (character === "\n") return LINE_BREAK;
  return /[!-~]/.test(character) ? PUNCTUATION : 0;
}

/** What a character adds, in thirds of a token. */
const NOTHING = 0;
const DIGIT_OF_PIECE = 1;
const PIECE = 3;
/** A piece, but not within a contraction: 'lL is one piece. */
const PIECE_UNLESS_CONTRACTED = 4;

/** What a character of the class `here` adds, by the classes of its neighbours; 0 at the ends of a text. */
function added(before: number, here: number, next: number, splitsAtCase: boolean): number {
  const isWord = (of: number) => of === LOWER || of === UPPER || of === DIGIT;
  if (here === DIGIT) return DIGIT_OF_PIECE;
  if (here === LOWER || here === UPPER) {
    if (before === SPACE || before === LINE_BREAK || before === DIGIT) return PIECE;
    return splitsAtCase && here === UPPER && before === LOWER ? PIECE_UNLESS_CONTRACTED : NOTHING;
  }
  if (!isWord(before)) return NOTHING;
  if (here === PUNCTUATION) return next === SPACE ? PIECE : NOTHING;
  return here === LINE_BREAK && isWord(next) ? PIECE : NOTHING;
}

/** By three classes of three bits each. */
const tableOf = (splitsAtCase: boolean) =>
  Uint8Array.from({ length: 512 }, (_, classes) =>
    added(classes >> 6, (classes >> 3) & 7, classes & 7, splitsAtCase),
  );
const SPLIT_AT_CASE = tableOf(true);
const NOT_SPLIT_AT_CASE = tableOf(false);

/**
 * Tokens that the texts have at least, whichever of the tokenizers counts them: one for each piece that certainly
 * begins where it seems to. In prose that is most of them, at a thousandth of the time of counting: a megabyte takes
 * two milliseconds. Stops soon after `enough`.
 */
export function leastTokens(texts: readonly string[], tokenizer: Tokenizer, enough: number): number {
  const table = tokenizer === "cl100k" ? NOT_SPLIT_AT_CASE : SPLIT_AT_CASE;
  const mostThirds = enough * THIRDS;
  let thirds = 0;
  for (const text of texts) {
    for (let from = 0; from < text.length && thirds <= mostThirds; from += BLOCK_CHARACTERS) {
      thirds += thirdsIn(text, from, Math.min(from + BLOCK_CHARACTERS, text.length), table);
    }
    if (thirds > mostThirds) break;
  }
  return Math.floor(thirds / THIRDS);
}

/**
 * What the characters from `from` to `to` add. A rejection spends most of its time here: V8 makes this loop ten times
 * as fast if it is called often and has no branch that short texts never take.
 */
function thirdsIn(text: string, from: number, to: number, table: Uint8Array): number {
  let thirds = 0;
  const before = classOf(text.charCodeAt(Math.max(0, from - 1))) * Math.min(1, from);
  // Those of the character before, of this one and of the next.
  let classes = (before << 3) | classOf(text.charCodeAt(from));
  for (let next = from + 1; next <= to; next++) {
    classes = ((classes << 3) | classOf(next < text.length ? text.charCodeAt(next) : 0)) & 511;
    const adds = table[classes] ?? 0;
    thirds += adds;
    if (adds === PIECE_UNLESS_CONTRACTED)
      thirds -= text.charCodeAt(Math.max(0, next - 3)) === APOSTROPHE ? adds : 1;
  }
  return thirds;
}

const classOf = (code: number): number => (code < 128 ? (CLASSES[code] ?? 0) : 0);
