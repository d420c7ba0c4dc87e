import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTER_MS, type SplitWindow, splitWindow } from "./report-window";

const UNITS = [768 * HOUR_MS, 192 * HOUR_MS, DAY_MS, 6 * HOUR_MS, QUARTER_MS];
const START = Date.parse("2026-03-01T00:00:00Z");

const moment = fc.oneof(
  fc.integer({ min: 0, max: 200 * DAY_MS }),
  fc.integer({ min: 0, max: 200 * 96 }).map((quarter) => quarter * QUARTER_MS),
);
const someWindow = fc.tuple(moment, moment).map(([a, b]) => ({
  from: new Date(START + Math.min(a, b)),
  to: new Date(START + Math.max(a, b)),
}));

/** By how much the count of how often a quarter hour is read changes, where it does. */
function changesOf({ stretches }: SplitWindow): [number, number][] {
  const changes = new Map<number, number>();
  const change = (at: Date, by: number) => changes.set(at.getTime(), (changes.get(at.getTime()) ?? 0) + by);
  for (const { from, to, isAdded } of stretches) {
    change(from, isAdded ? 1 : -1);
    change(to, isAdded ? -1 : 1);
  }
  return [...changes].filter(([, by]) => by !== 0).sort(([a], [b]) => a - b);
}

describe("splitWindow", () => {
  test("counts each quarter hour of the window once, and nothing else, whatever the units", () => {
    const units = fc.subarray(UNITS.slice(0, -1)).map((chosen) => [...chosen, QUARTER_MS]);
    fc.assert(
      fc.property(someWindow, units, fc.boolean(), moment, (window, unitsMs, mayOverlap, nowMs) => {
        const split = splitWindow(window, unitsMs, mayOverlap, START + nowMs);
        const { whole } = split;
        const changes =
          whole === null
            ? []
            : [
                [whole.from.getTime(), 1],
                [whole.to.getTime(), -1],
              ];
        expect(changesOf(split)).toEqual(changes);
        for (const { from, to, unitMs } of split.stretches) {
          expect(from.getTime() % unitMs).toBe(0);
          expect(to.getTime() % unitMs).toBe(0);
        }
        const wholeMs = whole === null ? 0 : whole.to.getTime() - whole.from.getTime();
        const restMs = split.rest.reduce((sum, { from, to }) => sum + to.getTime() - from.getTime(), 0);
        expect(wholeMs + restMs).toBe(window.to.getTime() - window.from.getTime());
      }),
      { numRuns: 1000 },
    );
  });

  test("reads at most 40 rows of a group for any 90 days, and stays inside where times are told apart", () => {
    fc.assert(
      fc.property(fc.nat(96 * 64), (quarter) => {
        const from = new Date(START + quarter * QUARTER_MS);
        const window = { from, to: new Date(from.getTime() + 90 * DAY_MS) };
        const { stretches } = splitWindow(window, UNITS, true, Number.MAX_SAFE_INTEGER);
        const rows = stretches.map((each) => (each.to.getTime() - each.from.getTime()) / each.unitMs);
        expect(rows.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(40);
        for (const stretch of splitWindow(window, [DAY_MS, QUARTER_MS], false).stretches) {
          expect(stretch.isAdded && stretch.from >= window.from && stretch.to <= window.to).toBe(true);
        }
      }),
    );
  });

  test("reads a few rows of each group for a time that ends now, since there are none to take away after it", () => {
    const now = new Date("2026-11-30T07:00:00Z");
    for (const [days, atMost] of [
      [1, 4],
      [7, 7],
      [30, 7],
      [90, 7],
    ] as const) {
      const from = new Date(now.getTime() - days * DAY_MS);
      const { stretches } = splitWindow({ from, to: now }, UNITS, true, now.getTime());
      const rows = stretches.map(({ unitMs, from: first, to }) => {
        const units = Math.ceil((Math.min(to.getTime(), now.getTime()) - first.getTime()) / unitMs);
        return Math.max(0, units) * (unitMs === QUARTER_MS ? 0.25 : 1);
      });
      expect(
        rows.reduce((sum, count) => sum + count, 0),
        `${days} days`,
      ).toBeLessThanOrEqual(atMost);
    }
  });
});
