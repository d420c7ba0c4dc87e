import { describe, expect, test } from "vitest";
import { countDays, daysBefore, daysOf, USAGE_PERIODS, windowBefore } from "./usage-period";

const TODAY = "2026-03-05";

describe("the periods of the usage page", () => {
  test.each([
    ["today", "2026-03-05", "2026-03-05", "2026-03-04", "2026-03-04"],
    ["yesterday", "2026-03-04", "2026-03-04", "2026-03-03", "2026-03-03"],
    ["7d", "2026-02-27", "2026-03-05", "2026-02-20", "2026-02-26"],
    ["30d", "2026-02-04", "2026-03-05", "2026-01-05", "2026-02-03"],
    ["90d", "2025-12-06", "2026-03-05", "2025-09-07", "2025-12-05"],
    ["month", "2026-03-01", "2026-03-05", "2026-02-01", "2026-02-28"],
    ["last-month", "2026-02-01", "2026-02-28", "2026-01-01", "2026-01-31"],
  ] as const)("%s", (period, first, last, firstBefore, lastBefore) => {
    const days = daysOf(period, TODAY);
    expect(days).toEqual({ first, last });
    expect(daysBefore(days, period)).toEqual({ first: firstBefore, last: lastBefore });
  });

  test("last as many days as they say", () => {
    expect(USAGE_PERIODS.map((period) => countDays(daysOf(period, TODAY)))).toEqual([1, 1, 7, 30, 90, 5, 28]);
  });

  test("of free dates are compared with as many days before", () => {
    const days = { first: "2026-03-01", last: "2026-03-03" };
    expect(daysBefore(days, null)).toEqual({ first: "2026-02-26", last: "2026-02-28" });
  });
});

describe("the window that a period is compared with", () => {
  const windowOf = (period: (typeof USAGE_PERIODS)[number], now: string) => {
    const days = daysOf(period, now.slice(0, 10));
    return windowBefore(days, daysBefore(days, period), new Date(now));
  };

  test("is whole if the period has ended", () => {
    expect(windowOf("yesterday", "2026-03-05T00:00:00Z")).toEqual({
      from: "2026-03-03",
      to: "2026-03-04",
      isPart: false,
    });
  });

  test("ends at the same quarter hour if the period has not", () => {
    expect(windowOf("7d", "2026-03-05T13:44:59Z")).toEqual({
      from: "2026-02-20",
      to: "2026-02-26T13:30:00.000Z",
      isPart: true,
    });
    expect(windowOf("month", "2026-03-05T13:45:00Z").to).toBe("2026-02-05T13:45:00.000Z");
  });

  test("never goes beyond the start of the period, after a shorter month", () => {
    expect(windowOf("month", "2026-03-31T12:00:00Z")).toEqual({
      from: "2026-02-01",
      to: "2026-03-01T00:00:00.000Z",
      isPart: false,
    });
  });

  test("is empty for days to come", () => {
    const days = { first: "2026-04-01", last: "2026-04-02" };
    const window = windowBefore(days, daysBefore(days, null), new Date("2026-03-05T12:00:00Z"));
    expect(window).toEqual({ from: "2026-03-30", to: "2026-03-30T00:00:00.000Z", isPart: true });
  });
});
