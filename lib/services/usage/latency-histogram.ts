/** The digits that each bucket has in a histogram, and the ratio of two buckets (tollgate_latency_digit). */
const DIGITS = 12;
const RATIO = 1.15;

/** Percentiles of durations; null without any. Within 10 %. */
export type Percentiles = { p50: number | null; p95: number | null };

const ZERO = "0".charCodeAt(0);
/** Buckets of tollgate_latency_digit. */
const MOST_BUCKETS = 111;
/** Of one histogram at a time: a report has thousands of them, and an array for each would keep the garbage collector busy. */
const counts = new Float64Array(MOST_BUCKETS);

/** Reads percentiles from a histogram: a sum of tollgate_latency_digit, as the database writes it. */
export function percentilesOf(histogram: string): Percentiles {
  const point = histogram.indexOf(".");
  let buckets = 0;
  let total = 0;
  // The last digits are those of the shortest durations.
  for (let end = point < 0 ? histogram.length : point; end > 0; end -= DIGITS) {
    let count = 0;
    for (let index = Math.max(0, end - DIGITS); index < end; index++) {
      count = count * 10 + histogram.charCodeAt(index) - ZERO;
    }
    counts[buckets] = count;
    buckets += 1;
    total += count;
  }
  return { p50: atRank(buckets, total * 0.5), p95: atRank(buckets, total * 0.95) };
}

function atRank(buckets: number, rank: number): number | null {
  let below = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const count = counts[bucket] ?? 0;
    below += count;
    if (count > 0 && below >= rank) return Math.max(1, Math.round(RATIO ** (bucket - 0.5)));
  }
  return null;
}
