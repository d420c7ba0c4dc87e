import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";

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
export const waitedForCoreMs = (): number => waitedMs("thread-self");

/** How long single-threaded processes have waited for a core in all, in milliseconds; an ended one counts as 0. */
export const processesWaitedMs = (pids: readonly number[]): number =>
  pids.reduce((sumMs, pid) => sumMs + waitedMs(String(pid)), 0);

/** What the kernel counts for a thread: its time on a core, and its time of waiting for one (ns). Linux alone has it. */
function waitedMs(thread: string): number {
  const counts = `/proc/${thread}/schedstat`;
  return existsSync(counts) ? Number(readFileSync(counts, "utf8").split(" ")[1]) / 1e6 : 0;
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

/**
 * How long something takes at its quickest: the first run also compiles it, and other tests slow down each.
 * @returns milliseconds by a stopwatch
 */
export async function quickestMs(run: () => unknown, rounds = 3): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const took = stopwatch();
    await run();
    leastMs = Math.min(leastMs, took());
  }
  return leastMs;
}

/**
 * How many times as much processor time one work takes as another: the least of each, in turn. Of the whole process,
 * since some work is done by its other threads.
 */
export async function cpuRatio(work: () => unknown, than: () => unknown, rounds = 5): Promise<number> {
  let [leastMs, leastOfOtherMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    leastOfOtherMs = Math.min(leastOfOtherMs, await cpuMs(than));
    leastMs = Math.min(leastMs, await cpuMs(work));
  }
  return leastMs / leastOfOtherMs;
}

/**
 * Expects a work to take less than `most` times the processor time of another. A busy machine can spoil round after
 * round, while a work that takes longer is never quick: rounds go on until one was, or there have been `mostRounds`.
 */
export async function expectCpuRatio(
  work: () => unknown,
  than: () => unknown,
  most: number,
  mostRounds = 60,
): Promise<void> {
  let [leastMs, leastOfOtherMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < mostRounds; round++) {
    leastOfOtherMs = Math.min(leastOfOtherMs, await cpuMs(than));
    leastMs = Math.min(leastMs, await cpuMs(work));
    if (round >= 4 && leastMs / leastOfOtherMs < most) return;
  }
  expect(leastMs / leastOfOtherMs).toBeLessThan(most);
}

/** The processor time that a work takes, of the whole process, in milliseconds. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const started = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}
