import { afterEach, beforeEach, vi } from "vitest";

/** Stops the clock of `Date` at a time before each test of a file, and restores it afterwards. Timers go on. */
export function freezeDate(nowMs: () => number): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: nowMs() });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}
