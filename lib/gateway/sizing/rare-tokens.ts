import { BYTES_PER_TOKEN } from "#lib/dialects/text/estimate-tokens";
import type { RareCharacters } from "#lib/dialects/text/rare-characters";
import { tokenizerOf } from "./tokenizers";
import { vocabularyOf } from "./vocabularies";

/** Tokens that its other characters are at most, in events of several tokens, beyond what they are counted as. */
export const letterTokensOf = ({ letters }: RareCharacters): number => Math.ceil(letters / BYTES_PER_TOKEN);

/**
 * Tokens that the rare characters of a text are beyond what it is counted as: those of the model's vocabulary, or the
 * most of those that it is like.
 */
export function rareTokensOf(rare: RareCharacters, upstreamModel: string): number {
  const tokenizer = tokenizerOf(upstreamModel);
  const encodings = tokenizer === "unknown" ? vocabularyOf(upstreamModel).encodings : [tokenizer];
  return Math.ceil(Math.max(...encodings.map((encoding) => rare[encoding])) / BYTES_PER_TOKEN);
}
