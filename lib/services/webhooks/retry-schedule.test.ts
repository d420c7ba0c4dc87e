import { expect, test } from "vitest";
import { waitAfterMs } from "./retry-schedule";

test("waits vary by a fifth either way, so that what failed together is not sent together", () => {
  expect([0, 0.5, 1].map((random) => waitAfterMs(1, () => random))).toEqual([4_000, 5_000, 6_000]);
});

test("nine waits add up to three days, and the tenth attempt is the last", () => {
  const waits = Array.from({ length: 9 }, (_, index) => waitAfterMs(index + 1, () => 0.5) ?? 0);
  expect(waits.reduce((sum, waitMs) => sum + waitMs, 0) / 3_600_000).toBeCloseTo(75.585, 2);
  expect(waitAfterMs(10, () => 0.5)).toBeNull();
});
