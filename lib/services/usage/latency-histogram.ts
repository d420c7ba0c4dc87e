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

const ZERO = "0".charCodeAt(0);

/** The counts of all buckets, the shortest durations first. A report has thousands of histograms of hundreds of digits. */
function countsOf(histogram: string): number[] {
  const point = histogram.indexOf(".");
  const counts: number[] = [];
  for (let end = point < 0 ? histogram.length : point; end > 0; end -= DIGITS) {
    let count = 0;
    for (let index = Math.max(0, end - DIGITS); index < end; index++) {
      count = count * 10 + histogram.charCodeAt(index) - ZERO;
    }
    counts.push(count);
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
