import { setImmediate as nextTurn } from "node:timers/promises";

/** The tokenizer's time grows with the square of a run without spaces: it is given short pieces. */
const PIECE_CHARACTERS = 400;
/** A piece that ends in the middle of a run may hide a few tokens, or show a few that are none; 5 is the most that was seen. */
const TOKENS_PER_CUT = 8;
/** Other requests get their turn in between. */
const CHARACTERS_A_TURN = 40_000;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * Counts tokens with OpenAI's tokenizer (o200k_base, all its models since gpt-4o), each text by itself:
 * never fewer than they have, and a few more for long runs without a space.
 */
export const countTokens = (texts: readonly string[]): Promise<number> =>
  count(texts, TOKENS_PER_CUT, Number.POSITIVE_INFINITY);

/**
 * The same, never more than they have, and a few fewer for long runs without a space; not counted any further
 * than to `enough`.
 */
export const countTokensUpTo = (texts: readonly string[], enough: number): Promise<number> =>
  count(texts, -TOKENS_PER_CUT, enough);

async function count(texts: readonly string[], tokensPerCut: number, enough: number): Promise<number> {
  // Loaded with the first request that comes near a limit: most processes never need its 38 MB.
  const { countTokens: tokensOf } = await import("gpt-tokenizer/encoding/o200k_base");
  // What looks like a control token is a client's plain text.
  const options = { disallowedSpecial: new Set<string>() };
  let tokens = 0;
  let turn = 0;
  for (const text of texts) {
    for (let from = 0; from < text.length; ) {
      const { to, whole } = endOfPiece(text, from);
      tokens += Math.max(0, tokensOf(text.slice(from, to), options) + (whole ? 0 : tokensPerCut));
      if (tokens >= enough) return tokens;
      turn += to - from;
      from = to;
      if (turn >= CHARACTERS_A_TURN) {
        turn = 0;
        await nextTurn();
      }
    }
  }
  return tokens;
}

/** Where no token reaches across: between a word, or a number, and the space behind it. Else anywhere. */
function endOfPiece(text: string, from: number): { to: number; whole: boolean } {
  const furthest = from + PIECE_CHARACTERS;
  if (furthest >= text.length) return { to: text.length, whole: true };
  for (let to = furthest; to > from + 1; to--) {
    if (text[to] === " " && LETTER_OR_DIGIT.test(text[to - 1] ?? "")) return { to, whole: true };
  }
  return { to: furthest, whole: false };
}
