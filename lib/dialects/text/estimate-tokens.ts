/**
 * Estimates tokens by what a text is made of, without a tokenizer: between half and twice what the tokenizers
 * of today's models count in prose, code, JSON and the common scripts (estimate-tokens.test.ts). Long texts
 * are sampled.
 */

/** Of prose in the common languages, or somewhat less. */
export const BYTES_PER_TOKEN = 4;

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

/** Words up to this length are usually one token, and longer ones more, above all in smaller languages. */
const WORD_CHARACTERS = 5;
const TOKENS_PER_FURTHER_LETTER = 0.16;
/** A longer run of letters is no word; the same letter in a row is merged. */
const LONGEST_WORD = 18;
const TOKENS_OF_LONGEST_WORD = 1 + (LONGEST_WORD - WORD_CHARACTERS) * TOKENS_PER_FURTHER_LETTER;
const TOKENS_PER_LETTER = 0.4;
const TOKENS_PER_SAME_LETTER = 0.125;
/** Words in capitals are cut more often. */
const TOKENS_PER_CAPITAL = 0.35;
/** The same sign in a row (a ruler, an indentation) is merged. */
const MERGED_CHARACTERS = 16;
/** Between one digit and three per token; no token has a space before them. */
const TOKENS_PER_DIGIT = 0.5;
const TOKENS_BEFORE_DIGITS = 0.7;
const TOKENS_PER_SIGN = 0.75;
const TOKENS_PER_BREAK = 0.7;
/** Where one kind of white space follows another, but in `\r\n`. */
const TOKENS_PER_CHANGE = 0.35;
const CARRIAGE_RETURN = 0x0d;

/**
 * Upper ends of ranges of UTF-16 code units, and tokens per unit in them. Vocabularies have words of the common scripts,
 * and of others not even the characters: then each of their bytes is a token.
 */
const SCRIPTS: readonly (readonly [end: number, tokens: number])[] = [
  [0x00bf, 1], // Latin-1 signs
  [0x017f, 0.6], // Latin letters with marks, within words
  [0x019f, 1],
  [0x01bf, 0.5], // Vietnamese letters
  [0x024f, 1],
  [0x02af, 1.6], // phonetic letters
  [0x036f, 1.3], // combining marks
  [0x03ff, 0.7], // Greek
  [0x045f, 0.45], // Cyrillic
  [0x052f, 1.1],
  [0x058f, 0.55], // Armenian
  [0x05ff, 0.65], // Hebrew
  [0x065f, 0.55], // Arabic
  [0x066f, 1.6],
  [0x06ff, 0.6],
  [0x07ff, 2], // Syriac, Thaana, N'Ko
  [0x08ff, 2.8],
  [0x0aff, 0.6], // Devanagari, Bengali, Gurmukhi, Gujarati
  [0x0b7f, 1], // Oriya
  [0x0dff, 0.65], // Tamil to Sinhala
  [0x0e7f, 0.65], // Thai
  [0x0fff, 1.6], // Lao, Tibetan
  [0x109f, 0.8], // Burmese
  [0x10ff, 0.55], // Georgian
  [0x11ff, 2.8],
  [0x139f, 2.1], // Ethiopic
  [0x177f, 2.9], // Cherokee, Inuktitut, runes
  [0x17ff, 0.9], // Khmer
  [0x1dff, 2.8], // Mongolian
  [0x1e9f, 2],
  [0x1eff, 0.5], // Vietnamese letters
  [0x1fff, 1.3], // polytonic Greek
  [0x206f, 1], // punctuation
  [0x22ff, 1.5], // arrows, mathematics
  [0x24ff, 2],
  [0x259f, 1], // box drawing
  [0x27ff, 1.5],
  [0x2fff, 2.8], // Braille
  [0x30ff, 0.85], // kana
  [0x33ff, 2.2],
  [0x4dff, 2.9],
  [0x9bff, 1], // Han
  [0x9dbf, 2],
  [0x9fff, 1],
  [0xabff, 2.9],
  [0xd7ff, 1.1], // Hangul
  [0xdfff, 1.7], // surrogates: rare scripts
  [0xfaff, 2.8],
  [0xfdff, 2.5],
  [0xfe0f, 1],
  [0xfeff, 2.2],
  [0xffff, 1.4], // fullwidth letters
];
/** The first halves of emoji, which are in the vocabularies in part. */
const EMOJI_HALVES = [0xd83c, 0xd83e] as const;
const TOKENS_PER_EMOJI_UNIT = 1;

const UNITS_A_BUCKET = 16;
const TOKENS_OF_BUCKET = Float32Array.from({ length: 0x10000 / UNITS_A_BUCKET }, (_, bucket) => {
  const unit = bucket * UNITS_A_BUCKET;
  return SCRIPTS.find(([end]) => unit <= end)?.[1] ?? 1;
});

/** Adds up the tokens of many texts. */
export type TokenEstimate = { add: (text: string) => void; tokens: () => number };

/** Tokens of a text. */
export const estimateTextTokens = (text: string): number => Math.ceil(estimatedTokens(text));

/** The same, to be added to those of other pieces of a text. */
export const estimatedTokens = (text: string): number => sampledTokens(text, WHOLE_CHARACTERS);

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
      at = endOfWord(text, at, to);
      tokens += tokensOfWord(text, start, at);
    } else if (isDigit(code)) {
      while (at < to && isDigit(text.charCodeAt(at))) at += 1;
      tokens += Math.max(1, (at - start) * TOKENS_PER_DIGIT);
    } else if (code <= 0x20) {
      let breaks = 0;
      let changes = 0;
      for (let space = code; at < to && space <= 0x20; space = text.charCodeAt(at)) {
        if (space !== 0x20) breaks += 1;
        const before = at === start ? space : text.charCodeAt(at - 1);
        if (space !== before && before !== CARRIAGE_RETURN) changes += 1;
        at += 1;
      }
      // A space belongs to the word after it.
      if (breaks > 0) tokens += TOKENS_PER_BREAK;
      if (breaks > 0 || at - start > 1) tokens += tokensOfBlank(at - start, changes, breaks > 0);
      else if (at < to && isDigit(text.charCodeAt(at))) tokens += TOKENS_BEFORE_DIGITS;
    } else if (code < 0x7f) {
      while (at < to && text.charCodeAt(at) === code) at += 1;
      tokens += TOKENS_PER_SIGN * Math.ceil((at - start) / MERGED_CHARACTERS);
    } else {
      at += 1;
      if (code < EMOJI_HALVES[0] || code > EMOJI_HALVES[1]) {
        tokens += TOKENS_OF_BUCKET[Math.floor(code / UNITS_A_BUCKET)] ?? 1;
      } else {
        at += 1;
        tokens += 2 * TOKENS_PER_EMOJI_UNIT;
      }
    }
  }
  return tokens;
}

/** White space of more than one kind is merged in the parts that are of one. */
function tokensOfBlank(length: number, changes: number, hasBreaks: boolean): number {
  const merged = length / MERGED_CHARACTERS;
  return (hasBreaks ? Math.floor(merged) : Math.ceil(merged)) + Math.max(0, changes - 1) * TOKENS_PER_CHANGE;
}

/** Where a word ends: a capital after a small letter begins another, as in camelCase, and so does the last of several. */
function endOfWord(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isCapital(text.charCodeAt(at))) at += 1;
  const isFollowed = at < to && isSmallLetter(text.charCodeAt(at));
  if (at - from > 1) return isFollowed ? at - 1 : at;
  while (at < to && isSmallLetter(text.charCodeAt(at))) at += 1;
  return at;
}

function tokensOfWord(text: string, from: number, end: number): number {
  const length = end - from;
  if (length > 1 && isCapital(text.charCodeAt(end - 1))) return Math.max(1, length * TOKENS_PER_CAPITAL);
  if (length <= WORD_CHARACTERS) return 1;
  if (length <= LONGEST_WORD) return 1 + (length - WORD_CHARACTERS) * TOKENS_PER_FURTHER_LETTER;
  let same = 0;
  for (let at = from + LONGEST_WORD; at < end; at++)
    if (text.charCodeAt(at) === text.charCodeAt(at - 1)) same += 1;
  const others = length - LONGEST_WORD - same;
  return TOKENS_OF_LONGEST_WORD + others * TOKENS_PER_LETTER + same * TOKENS_PER_SAME_LETTER;
}

const isSmallLetter = (code: number) => code >= 0x61 && code <= 0x7a;
const isCapital = (code: number) => code >= 0x41 && code <= 0x5a;
const isLetter = (code: number) => isSmallLetter(code) || isCapital(code);
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
