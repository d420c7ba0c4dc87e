/** The base-10000 digits that each bucket has in a histogram, and the ratio of two buckets (tollgate_latency_digit). */
const DIGITS = 3;
const BASE = 10_000;
const RATIO = 1.15;
/** Buckets of tollgate_latency_digit. */
const MOST_BUCKETS = 111;

/** Percentiles of durations; null without any. Within 10 %. */
export type Percentiles = { p50: number | null; p95: number | null };

/** What `numeric_send` writes before the digits, in words: their number, the place of the first one, the sign and the scale. */
const HEAD = 4;
const BYTES_PER_WORD = 2;

// Of one histogram at a time: a report has thousands of them, and arrays for each would keep the garbage collector busy.
const bytes = Buffer.alloc((HEAD + MOST_BUCKETS * DIGITS) * BYTES_PER_WORD);
/** The buckets that are not empty, the longest durations first, and what each has. */
const buckets = new Uint8Array(MOST_BUCKETS);
const counts = new Float64Array(MOST_BUCKETS);

/**
 * Reads percentiles from a histogram: a sum of tollgate_latency_digit, as PostgreSQL's `numeric_send` writes it, in Base64.
 * That is without the zeros at either end, and so a quarter of what it is in decimal digits.
 */
export function percentilesOf(histogram: string): Percentiles {
  bytes.write(histogram, "base64");
  const digits = word(0);
  const first = word(1);
  let used = -1;
  let total = 0;
  for (let index = 0; index < digits; index++) {
    const digit = word(HEAD + index);
    if (digit === 0) continue;
    const place = first - index;
    const bucket = Math.floor(place / DIGITS);
    const count = digit * (PLACES[place % DIGITS] ?? 0);
    if (used < 0 || buckets[used] !== bucket) {
      used += 1;
      buckets[used] = bucket;
      counts[used] = 0;
    }
    counts[used] = (counts[used] ?? 0) + count;
    total += count;
  }
  return { p50: atRank(used, total * 0.5), p95: atRank(used, total * 0.95) };
}

const PLACES = [1, BASE, BASE ** 2];

const word = (index: number): number =>
  ((bytes[index * BYTES_PER_WORD] ?? 0) << 8) | (bytes[index * BYTES_PER_WORD + 1] ?? 0);

/** @param last the index of the bucket of the shortest durations */
function atRank(last: number, rank: number): number | null {
  let below = 0;
  for (let index = last; index >= 0; index--) {
    below += counts[index] ?? 0;
    if (below >= rank) return Math.max(1, Math.round(RATIO ** ((buckets[index] ?? 0) - 0.5)));
  }
  return null;
}
