import type { Rates, TokenRates } from "./price";

/** Rates with the base and each tier changed alike. */
export function eachTier(rates: Rates, change: <Tier extends TokenRates>(tier: Tier) => Tier): Rates {
  const { tiers } = rates;
  return tiers === undefined ? change(rates) : { ...change(rates), tiers: tiers.map((tier) => change(tier)) };
}
