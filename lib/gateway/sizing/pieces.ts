// Before a text is cut into tokens it is cut into pieces: words with the space before them, up to three digits,
// punctuation, line breaks. No token spans two of them, in either of OpenAI's tokenizers.

const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;
const SPACE = 4;
export const LINE_BREAK = 5;
export const PUNCTUATION = 6;
/** What an escape stands for may be anything. */
export const UNKNOWN = 7;
/** Three digits are a piece. */
export const THIRDS = 3;

/** The class of each ASCII character; 0 for control characters and all others. */
export const CLASSES = new Uint8Array(128).map((_, code) => classOfCharacter(String.fromCharCode(code)));

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
export const PIECE_UNLESS_CONTRACTED = 4;

/** What a character of the class `here` adds, by the classes of its neighbours; 0 at the ends of a text. */
export function added(before: number, here: number, next: number, splitsAtCase: boolean): number {
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
