import { formatUsd, type PicoUsd, parseUsd } from "#lib/credit/money";
import { compileRates, costPicoUsd, NO_USAGE, type Rates, type TokenRates } from "#lib/credit/prices/price";

/** One line of a bill. */
export type CostLine = {
  label: string;
  tokens: number;
  /** US dollars per million tokens. */
  ratePerMtok: string;
  usd: string;
};

/**
 * The cost by kind of token. `otherUsd` is the rest: rounding, audio (whose tokens the ledger does not count
 * separately) and other attempts that a provider billed.
 */
export type CostBreakdown = { lines: CostLine[]; otherUsd: string; aboveInputTokens: number | null };

export type BilledTokens = {
  inputTokens: number;
  cachedTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
};

/** Splits the input in the order of lib/credit/prices/price.ts. */
export function costBreakdown(tokens: BilledTokens, costUsd: string, rates: Rates): CostBreakdown {
  const tier = rates.tiers?.findLast((each) => tokens.inputTokens > each.aboveInputTokens);
  const each: TokenRates = tier ?? rates;
  const written = Math.min(tokens.cacheWriteTokens, tokens.inputTokens);
  const cached = Math.min(tokens.cachedTokens, tokens.inputTokens - written);
  const parts: [string, number, string][] = [
    ["Input", tokens.inputTokens - written - cached, each.inputPerMtok],
    ["Cached input", cached, each.cacheReadPerMtok ?? each.inputPerMtok],
    ["Cache write", written, each.cacheWritePerMtok ?? each.inputPerMtok],
    ["Output", tokens.outputTokens, each.outputPerMtok],
  ];
  const lines = parts
    .filter(([, count]) => count > 0)
    .map(([label, count, ratePerMtok]) => ({
      label,
      tokens: count,
      ratePerMtok,
      picoUsd: linePicoUsd(count, ratePerMtok),
    }));
  const explained = lines.reduce((sum, line) => sum + line.picoUsd, 0n);
  return {
    lines: lines.map(({ picoUsd, ...line }) => ({ ...line, usd: formatUsd(picoUsd) })),
    otherUsd: formatUsd(parseUsd(costUsd) - explained),
    aboveInputTokens: tier?.aboveInputTokens ?? null,
  };
}

function linePicoUsd(tokens: number, ratePerMtok: string): PicoUsd {
  return costPicoUsd(
    { ...NO_USAGE, inputTokens: tokens },
    compileRates({ inputPerMtok: ratePerMtok, outputPerMtok: "0" }),
  );
}
