import { words } from "./common-words.json";
import { bytesByNormalization } from "./normalized-bytes";

/**
 * Words that are one token, with the space before them, in each of OpenAI's tokenizers since GPT-3 and in those of
 * Llama 2 and 3, Mistral 7B and Claude 2.
 */
const COMMON: ReadonlySet<string> = new Set(words.split(" "));
/** Whether a word in small letters is one of them. */
export const isCommonWord = (word: string): boolean => COMMON.has(word);

const LONGEST = Math.max(...[...COMMON].map(({ length }) => length));
/** A tokenizer that is not public may cut a common word once; Claude's newest makes half as many tokens again. */
const TOKENS_PER_COMMON_WORD = 2;

/**
 * The most tokens that a tokenizer makes of a piece of text: one for each byte, but for common English words. Nothing
 * lower holds: every vocabulary has long words that another cuts to letters (` KOYO` is one token for gpt-4o and four
 * for Llama 2).
 * @param isWhole whether the piece does not end within a word
 */
export function mostOfAnyTokenizer(piece: string, isWhole: boolean): number {
  let saved = 0;
  for (let space = piece.indexOf(" "); space !== -1; space = piece.indexOf(" ", space + 1)) {
    const end = endOfWord(piece, space + 1);
    if (end === piece.length && !isWhole) break;
    if (continuesWord(piece.charCodeAt(end))) continue;
    const bytes = end - space;
    if (bytes > TOKENS_PER_COMMON_WORD && bytes <= LONGEST + 1 && COMMON.has(piece.slice(space + 1, end)))
      saved += bytes - TOKENS_PER_COMMON_WORD;
  }
  return Buffer.byteLength(piece) + bytesByNormalization(piece) - saved;
}

function endOfWord(piece: string, from: number): number {
  let at = from;
  while (isLowerCase(piece.charCodeAt(at))) at += 1;
  return at;
}

const isLowerCase = (code: number): boolean => code >= 0x61 && code <= 0x7a;

/** Capitals, digits, apostrophes, underscores and all that is not ASCII may be of one token with the letters before. */
const continuesWord = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x27 ||
  code === 0x5f ||
  code >= 0x80;
