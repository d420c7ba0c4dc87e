import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisTicks } from "./axis-ticks";
import { barLabel, tickStarts } from "./bar-label";
import { budgetState } from "./budget-meter";
import { decimalsFor, figureText } from "./figure-text";

describe("an axis", () => {
  test("has round ticks", () => {
    expect(axisTicks(1930, true)).toEqual([0, 500, 1000, 1500, 2000]);
    expect(axisTicks(8.3, false)).toEqual([0, 2.5, 5, 7.5, 10]);
    expect(axisTicks(0.0031, false)).toEqual([0, 0.001, 0.002, 0.003, 0.004]);
    expect(axisTicks(3, true)).toEqual([0, 1, 2, 3]);
    expect(axisTicks(0, true)).toEqual([0, 1]);
  });

  test("reaches the highest bar in few steps, with whole numbers for counts", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), fc.boolean(), (most, whole) => {
        const value = whole ? Math.ceil(most) : most;
        const ticks = axisTicks(value, whole);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(value * (1 - 1e-9));
        expect(ticks.length).toBeLessThanOrEqual(6);
        if (whole) expect(ticks.every(Number.isInteger)).toBe(true);
      }),
    );
  });
});

describe("bars", () => {
  test("are labelled with their period in UTC", () => {
    expect(barLabel("2026-03-14T18:00:00.000Z", 6)).toBe("14 Mar, 18:00–00:00");
    expect(barLabel("2026-03-14T00:00:00.000Z", 24)).toBe("14 Mar");
    expect(barLabel("2026-12-28T00:00:00.000Z", 168)).toBe("28 Dec – 3 Jan 2027");
  });

  test("have ticks at round hours and at the start of days", () => {
    const hours = Array.from({ length: 24 }, (_, hour) =>
      new Date(Date.UTC(2026, 2, 14, hour)).toISOString(),
    );
    expect(tickStarts(hours, 1).map((start) => start.slice(11, 13))).toEqual(["00", "06", "12", "18"]);
    expect(tickStarts(hours, 6)).toEqual(["2026-03-14T00:00:00.000Z"]);
    const days = Array.from({ length: 30 }, (_, day) => new Date(Date.UTC(2026, 2, 1 + day)).toISOString());
    expect(tickStarts(days, 24).map((start) => start.slice(8, 10))).toEqual("01 06 11 16 21 26".split(" "));
    expect(tickStarts(days.slice(0, 7), 24)).toHaveLength(7);
  });

  test("share the number of decimals that the largest amount needs", () => {
    const bars = (total: string) => [{ start: "", figures: [], total }];
    expect([bars("120"), bars("2.5"), bars("0.004")].map(decimalsFor)).toEqual([2, 4, 6]);
    expect(figureText("0.0456", "usd", 4)).toBe("$0.0456");
    expect(figureText(1390, "count", 2)).toBe("1,390");
  });
});

describe("a budget", () => {
  test("needs attention once it is spent, or is zero without prepaid credit", () => {
    expect(budgetState("9.99", "10")).toBeNull();
    expect(budgetState("10", "10")).toBe("spent");
    expect(budgetState("0", "0")).toBe("blocked");
    expect(budgetState("-20", "0")).toBeNull();
  });
});
