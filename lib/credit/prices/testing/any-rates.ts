import fc from "fast-check";
import { perCall, perPart } from "#lib/credit/prices/meters";
import type { Rates } from "#lib/credit/prices/price";

const rate = fc
  .tuple(fc.nat(2000), fc.nat(12), fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }))
  .map(([whole, decimals, fraction]) =>
    decimals === 0 ? String(whole) : `${whole}.${fraction.toString().padStart(12, "0").slice(-decimals)}`,
  );
const tokenRates = fc.record(
  { inputPerMtok: rate, outputPerMtok: rate, ...perPart(() => rate) },
  { requiredKeys: ["inputPerMtok", "outputPerMtok"] },
);
/** Rates with some parts, some tiers and some calls. */
export const anyRates: fc.Arbitrary<Rates> = fc
  .tuple(
    tokenRates,
    fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { maxLength: 3 }),
    fc.array(tokenRates),
    fc.record({ ...perCall(() => rate) }, { requiredKeys: [] }),
  )
  .map(([base, starts, tierRates, calls]) => ({
    ...base,
    ...calls,
    tiers: starts
      .sort((a, b) => a - b)
      .flatMap((aboveInputTokens, i) => (tierRates[i] ? [{ aboveInputTokens, ...tierRates[i] }] : [])),
  }));
