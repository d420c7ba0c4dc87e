import { formatUsd, type PicoUsd, parseUsd } from "#lib/credit/money";
import { type BilledTokens, billedCalls, billedTokens } from "#lib/credit/prices/bill";
import { CALL_METERS, NO_USAGE, PARTS, type Usage } from "#lib/credit/prices/meters";
import { compileRates, costPicoUsd, type Rates } from "#lib/credit/prices/price";

/** One line of a bill. */
export type CostLine = {
  label: string;
  tokens: number;
  /** US dollars per million tokens. */
  ratePerMtok: string;
  usd: string;
};

/** What was billed by the call. */
export type CallLine = { label: string; calls: number; ratePerCall: string; usd: string };

/** The cost by kind of token, and of calls. `otherUsd` is the rest: rounding and other attempts that a provider billed. */
export type CostBreakdown = {
  lines: CostLine[];
  calls: CallLine[];
  otherUsd: string;
  aboveInputTokens: number | null;
};

/** Splits a usage as lib/credit/prices/price.ts charges it. */
export function costBreakdown(usage: Usage, costUsd: string, rates: Rates): CostBreakdown {
  const { aboveInputTokens, billed } = billedTokens(usage, rates);
  const lines = billed.map(({ rate, tokens, perMtok }) => ({
    label: labelOf(rate),
    tokens,
    ratePerMtok: perMtok,
    picoUsd: linePicoUsd(tokens, perMtok),
  }));
  const calls = billedCalls(usage, rates).map(({ rate, calls, perCall }) => ({
    label: CALL_METERS[rate].label,
    calls,
    ratePerCall: perCall,
    picoUsd: callsPicoUsd(calls, perCall),
  }));
  const explained = [...lines, ...calls].reduce((sum, line) => sum + line.picoUsd, 0n);
  return {
    lines: lines.map(({ picoUsd, ...line }) => ({ ...line, usd: formatUsd(picoUsd) })),
    calls: calls.map(({ picoUsd, ...line }) => ({ ...line, usd: formatUsd(picoUsd) })),
    otherUsd: formatUsd(parseUsd(costUsd) - explained),
    aboveInputTokens,
  };
}

/**
 * The usage that a sweep charges by its estimate: the ledger keeps no cache writes of it, and what was to be cached is
 * charged as written (gateway/pipeline/if-swept.ts).
 */
export function usageOfSweep(usage: Usage, costUsd: string, rates: Rates): Usage {
  const compiled = compileRates(rates);
  const { inputTokens } = usage;
  const written = { ...usage, cacheWriteTokens: inputTokens };
  const options = [usage, written, { ...written, cacheWrite1hTokens: inputTokens }];
  return options.find((option) => costPicoUsd(option, compiled) === parseUsd(costUsd)) ?? usage;
}

function labelOf(rate: BilledTokens["rate"]): string {
  if (rate === "inputPerMtok") return "Input";
  return rate === "outputPerMtok" ? "Output" : PARTS[rate].label;
}

function linePicoUsd(tokens: number, ratePerMtok: string): PicoUsd {
  return costPicoUsd(
    { ...NO_USAGE, inputTokens: tokens },
    compileRates({ inputPerMtok: ratePerMtok, outputPerMtok: "0" }),
  );
}

function callsPicoUsd(webSearches: number, webSearchPerCall: string): PicoUsd {
  const rates = compileRates({ inputPerMtok: "0", outputPerMtok: "0", webSearchPerCall });
  return costPicoUsd({ ...NO_USAGE, webSearches }, rates);
}
