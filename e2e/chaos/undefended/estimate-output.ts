import {
  estimateOutputTokens as defended,
  type Generation,
  type SeenOutput,
} from "#lib/gateway/sizing/estimate-output";

export * from "#lib/gateway/sizing/estimate-output";

/** Without the defence: what a model shows is all that it generates. */
export function estimateOutputTokens(seen: SeenOutput, generation: Generation): number {
  return seen.tokens > 0 ? Math.min(seen.tokens, generation.boundTokens) : defended(seen, generation);
}
