const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each failed attempt, as Standard Webhooks proposes: about three days in all. */
const WAITS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Each wait varies by this share either way, so that what failed together is not sent together. */
const JITTER = 0.2;

/** How long to wait after the attempt of this number, counted from 1; null after the last. */
export function waitAfterMs(attempt: number, random: () => number): number | null {
  const waitMs = WAITS_MS[attempt - 1];
  return waitMs === undefined ? null : Math.round(waitMs * (1 - JITTER + 2 * JITTER * random()));
}
