/**
 * Estimates tokens by what a text is made of, without a tokenizer: between half and twice what the tokenizers
 * of today's models count in prose, code, JSON and the common scripts (estimate-tokens.test.ts). Long texts
 * are sampled.
 */

/** A longer text is sampled, in slices. */
const WHOLE_CHARACTERS = 4_096;
const SLICE_CHARACTERS = 128;
/** Of many texts together, so many characters are read closely; of the others a small sample. */
const CLOSELY_READ_CHARACTERS = 65_536;
const SMALL_SAMPLE_CHARACTERS = 256;
/** After so many characters in all, only some of the texts are sampled, and the others are taken to be like those. */
const SAMPLED_CHARACTERS = 131_072;
/** Texts of a conversation alternate, in twos and threes. */
const SAMPLED_TEXTS = 7;

/** Words up to this length are usually one token. */
const WORD_CHARACTERS = 9;
/** The same sign in a row (a ruler, an indentation) is merged. */
const MERGED_CHARACTERS = 16;
/** Between one digit and three per token. */
const TOKENS_PER_DIGIT = 0.5;
const TOKENS_PER_SIGN = 0.75;
const TOKENS_PER_BREAK = 0.7;

/** Upper ends of ranges of UTF-16 code units, and tokens per unit in them. */
const SCRIPTS: readonly (readonly [end: number, tokens: number])[] = [
  [0x00bf, 1], // Latin-1 signs
  [0x024f, 0.5], // Latin letters with marks, within words
  [0x036f, 0.7],
  [0x052f, 0.35], // Greek, Cyrillic
  [0x058f, 0.6], // Armenian
  [0x08ff, 0.45], // Hebrew, Arabic
  [0x1fff, 0.6], // Indic scripts, Thai, Georgian …
  [0x2fff, 1], // punctuation, arrows, box drawing
  [0x30ff, 0.8], // kana
  [0x9fff, 0.9], // Han
  [0xabff, 1.2],
  [0xd7ff, 0.75], // Hangul
  [0xdfff, 1.2], // surrogates: emoji and rare scripts
  [0xffff, 1.2],
];

/** Base64 has four characters for three bytes, and a token of prose some four bytes. */
const TOKENS_PER_SEALED_CHARACTER = 0.19;

/** Tokens of what is encrypted in a text. */
export const sealedTokens = ({ length }: string): number => Math.ceil(length * TOKENS_PER_SEALED_CHARACTER);

/** Adds up the tokens of many texts. */
export type TokenEstimate = { add: (text: string) => void; tokens: () => number };

/** Tokens of a text. */
export const estimateTextTokens = (text: string): number => Math.ceil(sampledTokens(text, WHOLE_CHARACTERS));

/** Estimates many texts, in a few milliseconds for 20 MB of them. */
export function tokenEstimate(): TokenEstimate {
  let tokens = 0;
  let characters = 0;
  // Of short texts after that.
  let later = 0;
  let laterTokens = 0;
  let laterCharacters = 0;
  let skippedCharacters = 0;
  return {
    add: (text) => {
      if (characters < SAMPLED_CHARACTERS || text.length > WHOLE_CHARACTERS) {
        const isClose = characters < CLOSELY_READ_CHARACTERS;
        tokens += sampledTokens(text, isClose ? WHOLE_CHARACTERS : SMALL_SAMPLE_CHARACTERS);
        characters += Math.min(text.length, WHOLE_CHARACTERS);
      } else if (later++ % SAMPLED_TEXTS === 0) {
        laterTokens += sampledTokens(text, SMALL_SAMPLE_CHARACTERS);
        laterCharacters += text.length;
      } else skippedCharacters += text.length;
    },
    tokens: () => {
      const skippedTokens = laterCharacters === 0 ? 0 : (laterTokens * skippedCharacters) / laterCharacters;
      return Math.ceil(tokens + laterTokens + skippedTokens);
    },
  };
}

function sampledTokens(text: string, sampledCharacters: number): number {
  const { length } = text;
  if (length <= sampledCharacters) return tokensIn(text, 0, length);
  const slices = sampledCharacters / SLICE_CHARACTERS;
  const step = (length - SLICE_CHARACTERS) / (slices - 1);
  let tokens = 0;
  for (let slice = 0; slice < slices; slice++) {
    const from = Math.floor(slice * step);
    tokens += tokensIn(text, from, from + SLICE_CHARACTERS);
  }
  return (tokens * length) / sampledCharacters;
}

/** Tokens of the characters from `from` to `to`. */
function tokensIn(text: string, from: number, to: number): number {
  let tokens = 0;
  for (let at = from; at < to; ) {
    const start = at;
    const code = text.charCodeAt(at);
    if (isLetter(code)) {
      // A capital after a small letter begins another token, as in camelCase.
      const isSmall = code >= 0x61;
      at += 1;
      while (at < to && isLetter(text.charCodeAt(at)) && (!isSmall || text.charCodeAt(at) >= 0x61)) at += 1;
      if (!isSmall && at - start === 1) while (at < to && isSmallLetter(text.charCodeAt(at))) at += 1;
      tokens += Math.ceil((at - start) / WORD_CHARACTERS);
    } else if (isDigit(code)) {
      while (at < to && isDigit(text.charCodeAt(at))) at += 1;
      tokens += Math.max(1, (at - start) * TOKENS_PER_DIGIT);
    } else if (code <= 0x20) {
      let breaks = 0;
      for (; at < to && text.charCodeAt(at) <= 0x20; at++) if (text.charCodeAt(at) !== 0x20) breaks += 1;
      // A space belongs to the word after it.
      if (breaks > 0) tokens += TOKENS_PER_BREAK + Math.floor((at - start) / MERGED_CHARACTERS);
      else if (at - start > 1) tokens += Math.ceil((at - start) / MERGED_CHARACTERS);
    } else if (code < 0x7f) {
      while (at < to && text.charCodeAt(at) === code) at += 1;
      tokens += TOKENS_PER_SIGN * Math.ceil((at - start) / MERGED_CHARACTERS);
    } else {
      at += 1;
      tokens += tokensOfUnit(code);
    }
  }
  return tokens;
}

function tokensOfUnit(code: number): number {
  for (const [end, tokens] of SCRIPTS) if (code <= end) return tokens;
  return 1;
}

const isSmallLetter = (code: number) => code >= 0x61 && code <= 0x7a;
const isLetter = (code: number) => isSmallLetter(code) || (code >= 0x41 && code <= 0x5a);
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
