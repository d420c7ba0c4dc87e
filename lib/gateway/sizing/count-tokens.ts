import { setImmediate as nextTurn } from "node:timers/promises";
import type { Tokenizer } from "./tokenizers";
import { mostOfAnyTokenizer } from "./unknown-tokenizer";

/** The tokenizer's time grows with the square of a run without spaces, so it gets short pieces. */
const PIECE_CHARACTERS = 400;
/** Cutting a run may hide a few tokens or add a few; 5 is the most seen. */
const TOKENS_PER_CUT = 8;
/** Common words are looked up; a text of other tokens takes ten times as long. Other requests run in between. */
const CHARACTERS_A_TURN = 100_000;
const RARE_TOKENS_A_TURN = 4_000;
const CHARACTERS_PER_COMMON_TOKEN = 4.5;
/** Half a second's work: beyond it, pieces are bounded by their bytes. */
const MOST_RARE_TOKENS = 400_000;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * Counts tokens, each text separately: never too few, and a few too many for long runs without a space. With an
 * unknown tokenizer, the most that one makes of it (unknown-tokenizer.ts). Of a long text in which common words are
 * rare, some is bounded by its bytes. It stops at `enough`.
 */
export const countTokens = (
  texts: readonly string[],
  tokenizer: Tokenizer = "o200k",
  enough = Number.POSITIVE_INFINITY,
): Promise<number> => count(texts, { tokenizer, tokensPerCut: TOKENS_PER_CUT, enough });

/**
 * The same with OpenAI's tokenizer (o200k_base), but never too many, and a few too few for long runs without a
 * space. It stops at `enough`.
 */
export const countTokensUpTo = (texts: readonly string[], enough: number): Promise<number> =>
  count(texts, { tokenizer: "o200k", tokensPerCut: -TOKENS_PER_CUT, enough });

type Counting = { tokenizer: Tokenizer; tokensPerCut: number; enough: number };

async function count(
  texts: readonly string[],
  { tokenizer, tokensPerCut, enough }: Counting,
): Promise<number> {
  const tokensOf = tokenizer === "unknown" ? null : await loadEncoding(tokenizer);
  const isUpperBound = tokensPerCut > 0;
  let tokens = 0;
  let rare = 0;
  let turn = { characters: 0, rare: 0 };
  for (const text of texts) {
    for (let from = 0; from < text.length; ) {
      const { to, whole } = endOfPiece(text, from);
      const piece = text.slice(from, to);
      if (tokensOf === null) tokens += mostOfAnyTokenizer(piece, whole);
      else if (isUpperBound && rare > MOST_RARE_TOKENS) tokens += Buffer.byteLength(piece);
      else {
        const counted = Math.max(0, tokensOf(piece) + (whole ? 0 : tokensPerCut));
        tokens += counted;
        const rareHere = Math.max(0, counted - piece.length / CHARACTERS_PER_COMMON_TOKEN);
        rare += rareHere;
        turn.rare += rareHere;
      }
      if (tokens >= enough) return Math.ceil(tokens);
      turn.characters += piece.length;
      from = to;
      if (turn.characters >= CHARACTERS_A_TURN || turn.rare >= RARE_TOKENS_A_TURN) {
        turn = { characters: 0, rare: 0 };
        await nextTurn();
      }
    }
  }
  return Math.ceil(tokens);
}

/** A vocabulary of OpenAI's: p50k is that of GPT-3 with tokens for indentation. */
export type Encoding = Exclude<Tokenizer, "unknown"> | "p50k";

const IMPORTS = {
  o200k: () => import("gpt-tokenizer/encoding/o200k_base"),
  cl100k: () => import("gpt-tokenizer/encoding/cl100k_base"),
  p50k: () => import("gpt-tokenizer/encoding/p50k_base"),
};

/** Loaded with the first request that needs it: most processes never need the 38 MB of the largest. */
export async function loadEncoding(encoding: Encoding): Promise<(text: string) => number> {
  const { countTokens: tokensOf } = await IMPORTS[encoding]();
  // What looks like a control token is the client's plain text.
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => tokensOf(text, options);
}

/** Preferably where no token crosses: between a word or number and the space after it. */
function endOfPiece(text: string, from: number): { to: number; whole: boolean } {
  const furthest = from + PIECE_CHARACTERS;
  if (furthest >= text.length) return { to: text.length, whole: true };
  for (let to = furthest; to > from + 1; to--) {
    if (text[to] === " " && LETTER_OR_DIGIT.test(text[to - 1] ?? "")) return { to, whole: true };
  }
  return { to: furthest, whole: false };
}
