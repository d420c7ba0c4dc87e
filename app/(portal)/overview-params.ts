import { createLoader, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { USAGE_RANGE_NAMES, type UsageRange } from "#lib/portal/usage/usage-range";

/** The query parameters of the overview. */
const overviewParsers = { range: parseAsStringLiteral(USAGE_RANGE_NAMES).withDefault("7d") };

export const loadOverviewParams = createLoader(overviewParsers);
export const overviewHref = createSerializer(overviewParsers);

export const RANGE_WORDS: Record<UsageRange, string> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
};
