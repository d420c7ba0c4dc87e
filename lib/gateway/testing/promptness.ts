import { readFileSync } from "node:fs";
import { expect } from "vitest";

/** What the kernel counts for this thread: its time on a core, and its time of waiting for one (ns). Linux alone has it. */
const SCHEDULED = "/proc/thread-self/schedstat";

/**
 * Starts to measure how long something takes, without the time in which this thread could have gone on but other
 * processes had the cores: a promise of a second is not about them. Work of this thread itself counts.
 * @returns how many milliseconds it has taken
 */
export function stopwatch(waitedMs = waitedForCoreMs): () => number {
  const [startedAtMs, waitedBeforeMs] = [performance.now(), waitedMs()];
  return () => performance.now() - startedAtMs - (waitedMs() - waitedBeforeMs);
}

/** How long this thread has waited for a core, in milliseconds; 0 where the kernel does not say. */
export function waitedForCoreMs(): number {
  if (process.platform !== "linux") return 0;
  return Number(readFileSync(SCHEDULED, "utf8").split(" ")[1]) / 1e6;
}

/**
 * Expects what was promised: that it takes less than `withinMs`. Other test files run beside this one: one in two may
 * be late by what a busy machine takes, and nothing may take several times as long.
 * @param tookMs by a stopwatch
 */
export function expectPrompt(tookMs: readonly number[], withinMs: number): void {
  const sorted = tookMs.toSorted((a, b) => a - b);
  expect(sorted[Math.floor((sorted.length - 1) / 2)]).toBeLessThan(withinMs);
  expect(sorted.at(-1)).toBeLessThan(3 * withinMs);
}
