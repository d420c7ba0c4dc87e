import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { cpuRatio, quickestMs, stopwatch, waitedForCoreMs } from "./promptness";

test("a stopwatch does not count the time for which others have the cores", () => {
  const waits = [1_000, 5_000];
  const took = stopwatch(() => waits.shift() ?? 0);
  expect(took()).toBeLessThan(-3_000);
});

test("it counts the thread's own work", () => {
  const [took, startedAt] = [stopwatch(), process.cpuUsage()];
  while (process.cpuUsage(startedAt).user < 50_000);
  expect(took()).toBeGreaterThan(25);
});

test("the kernel's count of waiting only grows", () => {
  const before = waitedForCoreMs();
  expect(before).toBeGreaterThanOrEqual(0);
  expect(waitedForCoreMs()).toBeGreaterThanOrEqual(before);
});

test("the quickest run counts, and a ratio is one of processor time", async () => {
  const spin = (ms: number) => () => {
    const startedAt = process.cpuUsage();
    for (let spent = 0; spent < ms * 1_000; ) {
      const { user, system } = process.cpuUsage(startedAt);
      spent = user + system;
    }
  };
  const takeMs = [100, 1, 100];
  expect(await quickestMs(() => spin(takeMs.shift() ?? 100)())).toBeLessThan(75);
  const ratio = await cpuRatio(spin(40), async () => {
    await sleep(60);
    spin(10)();
  });
  // Four times; by the clock, it would be less than once.
  expect(ratio).toBeGreaterThan(1.5);
});
