import "server-only";
import { setImmediate as nextTurn } from "node:timers/promises";

/** The tokenizer's time grows with the square of a run without spaces: it is given short pieces. */
const PIECE_CHARACTERS = 400;
/** Other requests get their turn in between. */
const CHARACTERS_A_TURN = 40_000;

/**
 * Counts a text's tokens with OpenAI's tokenizer (o200k_base, all its models since gpt-4o). Cut into
 * pieces, a text has as many tokens or a few more, never fewer than a piece's own count.
 */
export async function countTokens(text: string): Promise<number> {
  // Loaded with the first request that comes near a limit: most processes never need its 38 MB.
  const { countTokens: count } = await import("gpt-tokenizer/encoding/o200k_base");
  // What looks like a control token is a client's plain text.
  const options = { disallowedSpecial: new Set<string>() };
  let tokens = 0;
  let turn = 0;
  for (let from = 0; from < text.length; from += PIECE_CHARACTERS) {
    tokens += count(text.slice(from, from + PIECE_CHARACTERS), options);
    turn += PIECE_CHARACTERS;
    if (turn >= CHARACTERS_A_TURN) {
      turn = 0;
      await nextTurn();
    }
  }
  return tokens;
}
