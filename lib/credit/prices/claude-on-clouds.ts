import { decimalTimes } from "./decimal-text";
import { eachTier } from "./each-tier";
import type { Rates } from "./price";

/** Twice the input, wherever Claude is served (platform.claude.com/docs/en/build-with-claude/prompt-caching, "Pricing"). */
const HOUR_WRITE_FACTOR = 2;
/** 1.25 times the input. */
const WRITE_HUNDREDTHS = 125;
/** Models without a cache, there or on Bedrock. */
const UNCACHED = /claude-(?:instant|v?[12](?!\d)|3-sonnet)|anthropic\.claude-3-(?:haiku|opus)/i;

/** The rates of one of Claude's models with those of cache writes, which catalogues leave out for some providers. */
export function withCacheWrites(model: string, rates: Rates): Rates {
  if (!/claude/i.test(model) || UNCACHED.test(model)) return rates;
  return eachTier(rates, (tier) => ({
    ...tier,
    cacheWritePerMtok: tier.cacheWritePerMtok ?? decimalTimes(tier.inputPerMtok, WRITE_HUNDREDTHS, 2),
    cacheWrite1hPerMtok: tier.cacheWrite1hPerMtok ?? decimalTimes(tier.inputPerMtok, HOUR_WRITE_FACTOR),
  }));
}
