import type { Edits } from "#lib/dialects/dialect";

/** Edits that change nothing but the model's name, which is `m`. */
export const NO_EDITS: Edits = {
  upstreamModel: "m",
  outputLimitTokens: null,
  outputLimitField: "max_tokens",
  reasoningLimitTokens: null,
  streamUsage: true,
  searchLimit: null,
  encryptedReasoning: true,
};
