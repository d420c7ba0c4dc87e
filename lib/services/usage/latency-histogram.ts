/** The digits that each bucket has in a histogram, and the ratio of two buckets (tollgate_latency_digit). */
const DIGITS = 12;
const RATIO = 1.15;

/** Percentiles of durations; null without any. Within 10 %. */
export type Percentiles = { p50: number | null; p95: number | null };

/** Reads percentiles from a histogram: a sum of tollgate_latency_digit, as the database writes it. */
export function percentilesOf(histogram: string): Percentiles {
  const counts = countsOf(histogram);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { p50: atRank(counts, total * 0.5), p95: atRank(counts, total * 0.95) };
}

/** The counts of all buckets, the shortest durations first. */
function countsOf(histogram: string): number[] {
  const counts: number[] = [];
  const [whole = ""] = histogram.split(".");
  for (let end = whole.length; end > 0; end -= DIGITS) {
    counts.push(Number(whole.slice(Math.max(0, end - DIGITS), end)));
  }
  return counts;
}

function atRank(counts: readonly number[], rank: number): number | null {
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    below += count;
    if (count > 0 && below >= rank) return Math.max(1, Math.round(RATIO ** (bucket - 0.5)));
  }
  return null;
}
