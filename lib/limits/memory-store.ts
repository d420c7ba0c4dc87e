import type { RateStore } from "./store";
import type { RateWindow, Take, WindowState } from "./window";
import {
  bucketState,
  type Counted,
  type Filled,
  refillEveryMs,
  refilled,
  slidingState,
  unitsPerToken,
  weightOfPrevious,
  windowMs,
} from "./window-state";

type Sliding = Counted & { startedAtMs: number };
/** From `uselessAtMs` on, a window is in its initial state and can be forgotten. */
type Kept<State> = { state: State; uselessAtMs: number };

const TIDY_EVERY_MS = 60_000;

/**
 * Windows of this process alone, with the same arithmetic as the scripts in Redis (window-script.ts). The
 * same tests check both.
 */
export function memoryStore(): RateStore {
  const sliding = new Map<string, Kept<Sliding>>();
  const buckets = new Map<string, Kept<Filled>>();
  let tidiedAtMs = Date.now();

  const counted = (window: RateWindow, nowMs: number): Sliding => {
    const startedAtMs = nowMs - (nowMs % windowMs(window));
    const known = sliding.get(window.key)?.state;
    if (known?.startedAtMs === startedAtMs) return known;
    const isNext = known?.startedAtMs === startedAtMs - windowMs(window);
    const state = { startedAtMs, current: 0, previous: isNext ? known.current : 0 };
    sliding.set(window.key, { state, uselessAtMs: startedAtMs + 2 * windowMs(window) });
    return state;
  };

  const filled = (window: RateWindow, nowMs: number): Filled => {
    const known = buckets.get(window.key)?.state;
    return known
      ? refilled(window, known, nowMs)
      : { units: window.limit * unitsPerToken(window), refilledAtMs: nowMs };
  };

  const fits = ({ window, amount }: Take, nowMs: number): boolean => {
    if (window.unit === "tokens") return filled(window, nowMs).units >= amount * unitsPerToken(window);
    const { current, previous, startedAtMs } = counted(window, nowMs);
    return (
      current + weightOfPrevious(previous, nowMs - startedAtMs, windowMs(window)) + amount <= window.limit
    );
  };

  const debit = ({ window, amount }: Take, nowMs: number): void => {
    if (window.unit === "requests") {
      counted(window, nowMs).current += amount;
      return;
    }
    const capacity = window.limit * unitsPerToken(window);
    const { units, refilledAtMs } = filled(window, nowMs);
    const left = units - amount * unitsPerToken(window);
    if (left >= capacity) {
      buckets.delete(window.key);
      return;
    }
    const uselessAtMs = refilledAtMs + Math.ceil((capacity - left) / window.limit) * refillEveryMs(window);
    buckets.set(window.key, { state: { units: left, refilledAtMs }, uselessAtMs });
  };

  const stateOf = (take: Take, took: boolean, nowMs: number): WindowState =>
    take.window.unit === "requests"
      ? slidingState(take, took, counted(take.window, nowMs), nowMs)
      : bucketState(take, took, filled(take.window, nowMs), nowMs);

  const tidy = (nowMs: number): void => {
    if (nowMs - tidiedAtMs < TIDY_EVERY_MS) return;
    tidiedAtMs = nowMs;
    for (const kept of [sliding, buckets]) {
      for (const [key, { uselessAtMs }] of kept) if (uselessAtMs <= nowMs) kept.delete(key);
    }
  };

  return {
    async take(takes) {
      const nowMs = Date.now();
      tidy(nowMs);
      const fit = takes.map((take) => fits(take, nowMs));
      if (fit.every(Boolean)) for (const take of takes) debit(take, nowMs);
      return takes.map((take, index) => stateOf(take, fit[index] ?? false, nowMs));
    },
    async correct(takes) {
      const nowMs = Date.now();
      for (const take of takes) debit(take, nowMs);
      return takes.map((take) => stateOf(take, true, nowMs));
    },
    async peek(windows) {
      const nowMs = Date.now();
      return windows.map((window) => stateOf({ window, amount: 0 }, true, nowMs));
    },
    ping: async () => {},
    close: async () => {},
  };
}
