import { expect, test } from "vitest";
import { stopwatch, waitedForCoreMs } from "./promptness";

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
