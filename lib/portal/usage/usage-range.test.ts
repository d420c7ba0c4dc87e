import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { USAGE_RANGE_NAMES, USAGE_RANGES, usageWindow } from "./usage-range";

describe("a window of bars", () => {
  test("ends with the current bar", () => {
    const window = usageWindow("7d", new Date("2026-03-14T13:45:00Z"));
    expect(new Date(window.toMs).toISOString()).toBe("2026-03-14T18:00:00.000Z");
    expect(new Date(window.fromMs).toISOString()).toBe("2026-03-07T18:00:00.000Z");
    expect(window.fromMs - window.previousFromMs).toBe(window.toMs - window.fromMs);
  });

  test("has whole bars in UTC, with now in the last one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...USAGE_RANGE_NAMES),
        fc.date({ min: new Date("2020-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
        (range, now) => {
          const { fromMs, toMs, barMs, bars } = usageWindow(range, now);
          expect(fromMs % barMs).toBe(0);
          expect(toMs - fromMs).toBe(bars * barMs);
          expect(bars).toBe(USAGE_RANGES[range].bars);
          expect(now.getTime()).toBeGreaterThanOrEqual(toMs - barMs);
          expect(now.getTime()).toBeLessThan(toMs);
        },
      ),
    );
  });
});
