import { createLoader, parseAsStringLiteral } from "nuqs/server";
import { USAGE_RANGE_NAMES, type UsageRange } from "#lib/services/usage/usage-range";

/** The overview's state, which lives in its address. */
export const loadOverviewParams = createLoader({
  range: parseAsStringLiteral(USAGE_RANGE_NAMES).withDefault("7d"),
});

export const RANGE_WORDS: Record<UsageRange, string> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
};
