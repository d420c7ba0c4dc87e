import type { Tokenizer } from "./tokenizers";

// Before a text is cut into tokens it is cut into pieces: words with the space before them, up to three digits,
// punctuation, line breaks. No token spans two of them, in either of OpenAI's tokenizers.

const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;
const SPACE = 4;
const LINE_BREAK = 5;
const PUNCTUATION = 6;
const DIGITS_PER_PIECE = 3;
const CHECK_EVERY_CHARACTERS = 4_096;
const APOSTROPHE = 0x27;

/** The class of each ASCII character; 0 for control characters and all others. */
const CLASSES = new Uint8Array(128).map((_, code) => classOf(String.fromCharCode(code)));

function classOf(character: string): number {
  if (/[a-z]/.test(character)) return LOWER;
  if (/[A-Z]/.test(character)) return UPPER;
  if (/[0-9]/.test(character)) return DIGIT;
  if (character === " ") return SPACE;
  if (character === "\n") return LINE_BREAK;
  return /[!-~]/.test(character) ? PUNCTUATION : 0;
}

/**
 * Tokens that the texts have at least, whichever of the tokenizers counts them: one for each piece that certainly
 * begins where it seems to. In prose that is most of them, at a thousandth of the time of counting. Stops soon
 * after `enough`.
 */
export function leastTokens(texts: readonly string[], tokenizer: Tokenizer, enough: number): number {
  const splitsAtCase = tokenizer !== "cl100k";
  let pieces = 0;
  let digits = 0;
  for (const text of texts) {
    let before = 0;
    for (let at = 0; at < text.length; at++) {
      if (at % CHECK_EVERY_CHARACTERS === 0 && pieces + digits / DIGITS_PER_PIECE > enough) break;
      const code = text.charCodeAt(at);
      const here = code < 128 ? (CLASSES[code] ?? 0) : 0;
      if (here === LOWER || here === UPPER) {
        if (before === SPACE || before === LINE_BREAK || before === DIGIT) pieces += 1;
        // Not within a contraction: 'lL is one piece.
        else if (splitsAtCase && here === UPPER && before === LOWER && text.charCodeAt(at - 2) !== APOSTROPHE)
          pieces += 1;
      } else if (here === DIGIT) digits += 1;
      else if (before !== 0 && before <= DIGIT && at + 1 < text.length) {
        const next = CLASSES[text.charCodeAt(at + 1)] ?? 0;
        if (here === PUNCTUATION ? next === SPACE : here === LINE_BREAK && next !== 0 && next <= DIGIT)
          pieces += 1;
      }
      before = here;
    }
    if (pieces + digits / DIGITS_PER_PIECE > enough) break;
  }
  return pieces + Math.floor(digits / DIGITS_PER_PIECE);
}
