import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Seal } from "#lib/translation/envelope";
import type { Block, EncodeOptions } from "#lib/translation/turn";

/** Models that Google's own server of this dialect has, and whose calls it takes back with their signatures alone. */
export const makerOf = (upstreamModel: string): string =>
  /(?:^|[/.:])gemini-/.test(upstreamModel) ? "google" : "none";

/** Where Google's server has the signature of a call (ai.google.dev/gemini-api/docs/thought-signatures). */
export const proofOf = (data: string): JsonObject => ({
  extra_content: { google: { thought_signature: data } },
});

/** The signature in a call; null without one. */
export function proofIn({ extra_content: extra }: JsonObject): string | null {
  const signature = isObject(extra) && isObject(extra.google) ? extra.google.thought_signature : null;
  return typeof signature === "string" && signature !== "" ? signature : null;
}

/** The signatures of an answer's calls, and the reasoning that they prove. */
export function proofsIn(
  blocks: readonly Block[],
  accepts: EncodeOptions["accepts"],
): { ofCalls: ReadonlyMap<Block, string>; proved: ReadonlySet<Block> } {
  const ofCalls = new Map<Block, string>();
  const proved = new Set<Block>();
  let last: { block: Block; seal: Seal } | null = null;
  for (const block of blocks) {
    if (block.kind === "think")
      last = block.seal !== null && accepts(block.seal) ? { block, seal: block.seal } : null;
    if (block.kind !== "call" || last === null) continue;
    ofCalls.set(block, last.seal.data);
    proved.add(last.block);
    last = null;
  }
  return { ofCalls, proved };
}
