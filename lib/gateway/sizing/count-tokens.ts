import { setImmediate as nextTurn } from "node:timers/promises";

/** The tokenizer's time grows with the square of a run without spaces, so it gets short pieces. */
const PIECE_CHARACTERS = 400;
/** Cutting a run may hide a few tokens or add a few; 5 is the most seen. */
const TOKENS_PER_CUT = 8;
/** Other requests run in between. */
const CHARACTERS_A_TURN = 40_000;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * Counts tokens with OpenAI's tokenizer (o200k_base, all its models since gpt-4o), each text separately: never
 * too few, and a few too many for long runs without a space.
 */
export const countTokens = (texts: readonly string[]): Promise<number> =>
  count(texts, TOKENS_PER_CUT, Number.POSITIVE_INFINITY);

/**
 * The same, but never too many, and a few too few for long runs without a space. It stops at `enough`.
 */
export const countTokensUpTo = (texts: readonly string[], enough: number): Promise<number> =>
  count(texts, -TOKENS_PER_CUT, enough);

async function count(texts: readonly string[], tokensPerCut: number, enough: number): Promise<number> {
  // Loaded with the first request near a limit: most processes never need its 38 MB.
  const { countTokens: tokensOf } = await import("gpt-tokenizer/encoding/o200k_base");
  // What looks like a control token is the client's plain text.
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

/** Preferably where no token crosses: between a word or number and the space after it. */
function endOfPiece(text: string, from: number): { to: number; whole: boolean } {
  const furthest = from + PIECE_CHARACTERS;
  if (furthest >= text.length) return { to: text.length, whole: true };
  for (let to = furthest; to > from + 1; to--) {
    if (text[to] === " " && LETTER_OR_DIGIT.test(text[to - 1] ?? "")) return { to, whole: true };
  }
  return { to: furthest, whole: false };
}
