import type { RateWindow, Take, WindowState } from "./window";

/** Buckets of up to a minute refill ten times a second, longer ones six hundred times in their length. */
export const refillEveryMs = ({ seconds }: RateWindow): number => 100 * Math.max(1, seconds / 60);
/** A bucket counts in parts of a token, so that every refill is a whole number, whatever the limit. */
export const unitsPerToken = ({ seconds }: RateWindow): number => 10 * Math.min(seconds, 60);

/** The counts of a sliding window: of the current period, and of the one before. */
export type Counted = { current: number; previous: number };

/** The contents of a bucket; below zero after a correction larger than them. */
export type Filled = { units: number; refilledAtMs: number };

export const windowMs = ({ seconds }: RateWindow): number => seconds * 1000;

/** How much of the previous period's count still applies. */
export function weightOfPrevious(previous: number, elapsedMs: number, lengthMs: number): number {
  return Math.floor((1 - elapsedMs / lengthMs) * previous);
}

/** The state of a sliding window. */
export function slidingState(
  { window, amount }: Take,
  fits: boolean,
  { current, previous }: Counted,
  nowMs: number,
): WindowState {
  const lengthMs = windowMs(window);
  const elapsedMs = nowMs % lengthMs;
  const free = window.limit - current - weightOfPrevious(previous, elapsedMs, lengthMs);
  return {
    window,
    fits,
    remaining: Math.max(0, free),
    waitMs: fits || free >= amount ? 0 : slidingWaitMs(window, { current, previous }, elapsedMs),
    resetMs: slidingResetMs(lengthMs, { current, previous }, elapsedMs),
  };
}

/** Time until one more fits: as the previous count loses weight, or once the current count is the previous. */
function slidingWaitMs(window: RateWindow, { current, previous }: Counted, elapsedMs: number): number {
  const lengthMs = windowMs(window);
  const untilNextMs = lengthMs - elapsedMs;
  const room = window.limit - current;
  if (room <= 0) return untilNextMs + whenBelow(window.limit, current, lengthMs);
  return Math.min(whenBelow(room, previous, lengthMs) - elapsedMs, untilNextMs);
}

function slidingResetMs(lengthMs: number, { current, previous }: Counted, elapsedMs: number): number {
  if (current > 0) return lengthMs - elapsedMs + whenBelow(1, current, lengthMs);
  return previous > 0 ? Math.max(0, whenBelow(1, previous, lengthMs) - elapsedMs) : 0;
}

/** How far into a period, in milliseconds, the previous `count` weighs less than `room`. */
function whenBelow(room: number, count: number, lengthMs: number): number {
  if (room > count) return 0;
  const isBelow = (elapsedMs: number) => weightOfPrevious(count, elapsedMs, lengthMs) < room;
  // Rounding may put this one off: correct it by the computation that will decide then.
  let elapsedMs = Math.floor(lengthMs * (1 - room / count)) + 1;
  while (elapsedMs > 0 && isBelow(elapsedMs - 1)) elapsedMs -= 1;
  while (elapsedMs < lengthMs && !isBelow(elapsedMs)) elapsedMs += 1;
  return elapsedMs;
}

/** The bucket with its refills since it was last read. */
export function refilled(window: RateWindow, { units, refilledAtMs }: Filled, nowMs: number): Filled {
  const { limit } = window;
  const refills = Math.max(0, Math.floor((nowMs - refilledAtMs) / refillEveryMs(window)));
  return {
    units: Math.min(limit * unitsPerToken(window), units + refills * limit),
    refilledAtMs: refilledAtMs + refills * refillEveryMs(window),
  };
}

/** The state of a bucket. */
export function bucketState(
  { window, amount }: Take,
  fits: boolean,
  filled: Filled,
  nowMs: number,
): WindowState {
  const { units, refilledAtMs } = refilled(window, filled, nowMs);
  const capacity = window.limit * unitsPerToken(window);
  const untilHolds = (wanted: number): number => {
    if (wanted > capacity) return Number.POSITIVE_INFINITY;
    const refills = Math.ceil((wanted - units) / window.limit);
    return Math.max(0, refilledAtMs + refills * refillEveryMs(window) - nowMs);
  };
  return {
    window,
    fits,
    remaining: Math.max(0, Math.floor(units / unitsPerToken(window))),
    waitMs: fits ? 0 : untilHolds(amount * unitsPerToken(window)),
    resetMs: units >= capacity ? 0 : untilHolds(capacity),
  };
}
