import { setImmediate as nextTurn } from "node:timers/promises";
import { countTokens, loadEncoding } from "./count-tokens";
import { bytesByNormalization } from "./normalized-bytes";
import { tokenizerOf } from "./tokenizers";
import { isCommonWord } from "./unknown-tokenizer";
import { type Vocabulary, vocabularyOf } from "./vocabularies";

/**
 * What no token goes beyond in nearly all vocabularies: a word with the sign or space before it, a digit, signs, a line
 * break, spaces but for the last before a word.
 */
const PIECE =
  /[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]{1,64}|\p{N}{1,3}| ?[^\s\p{L}\p{N}]{1,64}|[\r\n]|[^\S\r\n]{1,256}(?!\S)|\s/gu;
/** A word as it is written in code: `inputTokens` has two. */
const WORD = /[A-Z]?[a-z]+|[A-Z]+|[^\s\x21-\x7e]+/g;
const DIGIT = /^\p{N}/u;
/** Signs, and spaces in scripts that are written without. */
const STARTS_APART = /^(?:[^ \p{L}]| [\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])/u;
const ALL_CAPITALS = /^[A-Z]+$/;
/** Vocabularies that lack a word have most of its syllables: Llama 2 makes 5 tokens of ` schizophrenia`. */
const LETTERS_PER_TOKEN = 3;
const CAPITALS_PER_TOKEN = 2;
/** What is longer is cut up more. */
const LONGEST_WORD = 18;
const TOKENS_OF_SHORT_WORD = 2;
/** Of the common words, those that DeepSeek 3 has no token for. */
const DEEPSEEK_LACKS: ReadonlySet<string> = new Set(
  "administr charg ener initi migr myster sched tcp ther thous veh".split(" "),
);
/** Of signs that OpenAI's vocabularies merge as much; of others, and in any order, each may be a token. */
const SIGNS_PER_TOKEN = 1.5;
/** Longer runs of signs are no code, and vocabularies merge few of them. */
const SIGNS_IN_CODE = 4;
/** Of those that are merged in a row: rulers, indentation. */
const MERGED_PER_TOKEN = 8;
const MERGED = /^(?: +|\t+| ?(?:-+|=+|\*+|#+|\.+|_+|\/+))$/;

const ASCII = /^[\0-\x7f]*$/;
/** Scripts that no word has two of; Latin letters stand beside Chinese and Japanese. */
const SCRIPTS = [
  /[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u,
  /\p{Script=Greek}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Arabic}/u,
  /\p{Script=Thai}/u,
  /\p{Script=Hangul}/u,
];
const LAST_ASCII = "\x7f";
/** Characters that OpenAI's newest vocabulary has, and DeepSeek 3's or Gemma 3's lacks (npmjs.com/package/@lenml/tokenizers). */
const LACKED: ReadonlySet<string> = new Set(
  "\u0080\u0092\u0275\u0402\u1ee3\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u3000\u2551\u2557\u255d\u2634\u5977\ud2bc\uf0a7\uf0b7",
);

/** SentencePiece puts a space before a text. */
const TOKENS_BEFORE_TEXT = 1;
/** A longer word is cut, which may hide a token. */
const PIECE_LETTERS = 64;
const TOKENS_PER_CUT = 2;

/** A piece that was seen before is looked up. */
const PIECES_A_TURN = 20_000;
const NEW_PIECES_A_TURN = 1_000;
/** Half a second's work: beyond it, pieces are bounded by their bytes. */
const MOST_NEW_PIECES = 50_000;

type Counting = Pick<Vocabulary, "splitsDigits" | "isOwn"> & {
  tokenizers: readonly ((text: string) => number)[];
  /** Tokens of the pieces that were seen before. */
  known: Map<string, number>;
};

/**
 * Tokens of texts in a model as no less than its tokenizer makes of them, and of prose and code no more than twice as
 * many: exact where it is known, else the worst of the vocabularies that it is like, for each word, with each digit and
 * rare word cut up. A search with the public tokenizers of DeepSeek 3 and Gemma 3 found only texts of short runs of signs
 * to be more, up to 1.33 times.
 */
export async function countAtWorst(texts: readonly string[], upstreamModel: string): Promise<number> {
  const tokenizer = tokenizerOf(upstreamModel);
  if (tokenizer !== "unknown") return countTokens(texts, tokenizer);
  const { encodings, splitsDigits, isOwn, times } = vocabularyOf(upstreamModel);
  const tokenizers = await Promise.all(encodings.map(loadEncoding));
  const counting: Counting = { tokenizers, splitsDigits, isOwn, known: new Map() };
  let tokens = 0;
  let pieces = 0;
  let newPieces = 0;
  for (const text of texts) {
    tokens += bytesByNormalization(text) + (isOwn ? TOKENS_BEFORE_TEXT : 0);
    for (const [piece] of text.matchAll(PIECE)) {
      let here = counting.known.get(piece);
      if (here === undefined) {
        newPieces += 1;
        if (counting.known.size < MOST_NEW_PIECES) {
          here = tokensOfPiece(piece, counting);
          counting.known.set(piece, here);
        } else here = Buffer.byteLength(piece);
      }
      tokens += here;
      pieces += 1;
      if (pieces >= PIECES_A_TURN || newPieces >= NEW_PIECES_A_TURN) {
        pieces = 0;
        newPieces = 0;
        await nextTurn();
      }
    }
  }
  return Math.ceil(tokens * times);
}

function tokensOfPiece(piece: string, { tokenizers, splitsDigits, isOwn }: Counting): number {
  if (splitsDigits && DIGIT.test(piece)) return Buffer.byteLength(piece);
  let most = 0;
  for (const tokensOf of tokenizers) most = Math.max(most, tokensOf(piece));
  const tokens = isOwn ? tokensInOwn(piece, most, tokenizers) : most;
  return piece.length < PIECE_LETTERS ? tokens : tokens + TOKENS_PER_CUT;
}

/**
 * The most tokens of a piece in a vocabulary that may lack words and characters of OpenAI's. Of a character that it lacks,
 * each byte is a token, and so is a space before it. Those that OpenAI's newest has in one token are in others, too, but
 * for words of two scripts.
 * @param counted by OpenAI's
 */
function tokensInOwn(piece: string, counted: number, tokenizers: Counting["tokenizers"]): number {
  const [newest] = tokenizers;
  let [beyondCounted, beyondIfRare] = [0, 0];
  if (newest !== undefined && !ASCII.test(piece)) {
    const isMixed = SCRIPTS.filter((script) => script.test(piece)).length > 1;
    let isAfterSpace = false;
    for (const character of piece) {
      const most = character <= LAST_ASCII ? 1 : newest(character);
      if (most > 1 || LACKED.has(character) || (isMixed && character > LAST_ASCII)) {
        const tokens = Buffer.byteLength(character) + (isAfterSpace ? 1 : 0);
        beyondCounted += tokens - most;
        beyondIfRare += tokens - 1;
      }
      isAfterSpace = character === " ";
    }
  }
  return Math.max(counted + beyondCounted, tokensIfRare(piece, counted) + beyondIfRare);
}

/** Tokens of a piece that a vocabulary lacks. */
function tokensIfRare(piece: string, counted: number): number {
  if (MERGED.test(piece)) return Math.ceil(piece.length / MERGED_PER_TOKEN);
  if (/^\s+$/.test(piece)) return Buffer.byteLength(piece);
  if (!/\p{L}/u.test(piece)) {
    const merged = Math.ceil(piece.length / SIGNS_PER_TOKEN);
    return counted <= merged && piece.length <= SIGNS_IN_CODE ? merged : piece.length;
  }
  let tokens = STARTS_APART.test(piece) ? 1 : 0;
  for (const [word] of piece.matchAll(WORD)) tokens += tokensOfRareWord(word);
  return tokens;
}

function tokensOfRareWord(word: string): number {
  const { length } = word;
  if (isCommonWord(word) && !DEEPSEEK_LACKS.has(word)) return 1;
  if (length <= LETTERS_PER_TOKEN) return Math.min(length, TOKENS_OF_SHORT_WORD);
  const isInCapitals = ALL_CAPITALS.test(word);
  if (length <= LONGEST_WORD)
    return Math.ceil(length / (isInCapitals ? CAPITALS_PER_TOKEN : LETTERS_PER_TOKEN));
  return isInCapitals ? length : Math.ceil(length / CAPITALS_PER_TOKEN);
}
