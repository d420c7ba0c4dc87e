import { formatUsd, type PicoUsd } from "#lib/credit/money";

/** Sums over a group of requests, with the exact cost in US dollars. */
export type UsageTotals = {
  costUsd: string;
  requests: number;
  errors: number;
  /** Cached tokens included. */
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
};

/** The same while adding up. */
export type UsageSums = Omit<UsageTotals, "costUsd"> & { costPicoUsd: PicoUsd };

export function addUp(rows: readonly UsageSums[]): UsageSums {
  const sums = { costPicoUsd: 0n, requests: 0, errors: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  for (const row of rows) {
    sums.costPicoUsd += row.costPicoUsd;
    sums.requests += row.requests;
    sums.errors += row.errors;
    sums.inputTokens += row.inputTokens;
    sums.cachedTokens += row.cachedTokens;
    sums.outputTokens += row.outputTokens;
  }
  return sums;
}

export const toTotals = ({ costPicoUsd, ...counts }: UsageSums): UsageTotals => ({
  costUsd: formatUsd(costPicoUsd),
  ...counts,
});

/** The most expensive first, then by requests. */
export function byCost(a: UsageSums, b: UsageSums): number {
  if (a.costPicoUsd === b.costPicoUsd) return b.requests - a.requests;
  return a.costPicoUsd > b.costPicoUsd ? -1 : 1;
}
