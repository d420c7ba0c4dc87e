import type { MemberLimits } from "#lib/http/parse-members";

/** Models in one catalogue. */
export const MOST_ENTRIES = 20_000;

/** The largest catalogue. LiteLLM's own file has a megabyte, 2,000 models and 25,000 values. */
export const CATALOGUE_LIMITS: MemberLimits & { bytes: number } = {
  bytes: 32 * 1024 * 1024,
  members: MOST_ENTRIES,
  values: 25 * MOST_ENTRIES,
  memberBytes: 64 * 1024,
  depth: 32,
};
