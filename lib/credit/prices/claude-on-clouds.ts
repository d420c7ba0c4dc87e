import { decimalTimes } from "./decimal-text";
import { PART_RATES } from "./meters";
import type { Rates, TokenRates } from "./price";

/** Twice the input, wherever Claude is served (platform.claude.com/docs/en/build-with-claude/prompt-caching, "Pricing"). */
const HOUR_WRITE_FACTOR = 2;
/** 1.25 times the input. */
const WRITE_HUNDREDTHS = 125;
/** Models without a cache, there or on Bedrock. */
const UNCACHED = /claude-(?:instant|v?[12](?!\d)|3-sonnet)|anthropic\.claude-3-(?:haiku|opus)/i;

/** The rates of one of Claude's models with those of cache writes, which catalogues leave out for some providers. */
export function withCacheWrites(model: string, rates: Rates): Rates {
  if (!/claude/i.test(model) || UNCACHED.test(model)) return rates;
  return mapped(rates, (tier) => ({
    ...tier,
    cacheWritePerMtok: tier.cacheWritePerMtok ?? decimalTimes(tier.inputPerMtok, WRITE_HUNDREDTHS, 2),
    cacheWrite1hPerMtok: tier.cacheWrite1hPerMtok ?? decimalTimes(tier.inputPerMtok, HOUR_WRITE_FACTOR),
  }));
}

/** Vertex AI's hosts but the global one: of a region, or of several (`us`, `eu`). */
const REGIONAL_HOST = /^[a-z0-9-]+-aiplatform\.googleapis\.com$|^aiplatform\.[a-z]+\.rep\.googleapis\.com$/;
/** Models before Claude Sonnet 4.5. */
const BEFORE_PREMIUM = /^claude-(?:instant|v?2|3|(?:opus|sonnet)-4(?:-1)?(?:@|$|-2025))/;

/**
 * Whether Google bills a model 10 % higher than at its global host, as it does Claude Sonnet 4.5 and later
 * (platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai, "Global, multi-region, and regional endpoints").
 * Catalogues have the global price.
 */
export function hasRegionalPremium(baseUrl: string, model: string): boolean {
  if (!/^claude-/.test(model) || BEFORE_PREMIUM.test(model) || !URL.canParse(baseUrl)) return false;
  return REGIONAL_HOST.test(new URL(baseUrl).hostname);
}

/** The same rates 10 % higher, exactly. */
export const withRegionalPremium = (rates: Rates): Rates =>
  mapped(rates, (tier) => {
    const higher = { ...tier };
    for (const name of ["inputPerMtok", "outputPerMtok", ...PART_RATES] as const) {
      const rate = tier[name];
      if (rate !== undefined) higher[name] = decimalTimes(rate, 11, 1);
    }
    return higher;
  });

function mapped(rates: Rates, map: <Tier extends TokenRates>(tier: Tier) => Tier): Rates {
  const { tiers } = rates;
  return tiers === undefined ? map(rates) : { ...map(rates), tiers: tiers.map((tier) => map(tier)) };
}
