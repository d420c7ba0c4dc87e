import { describe, expect, test } from "vitest";
import { duration } from "./duration";
import { exactTime, relativeTime, utcDate } from "./time";

const NOW = Date.parse("2026-03-14T12:00:00.000Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe("relativeTime", () => {
  test.each([
    [2, "now"],
    [42, "42s ago"],
    [61, "1m ago"],
    [3600, "1h ago"],
    [86_399, "23h ago"],
    [5 * 86_400, "5d ago"],
    [40 * 86_400, "2 Feb"],
    [400 * 86_400, "7 Feb 2025"],
    [-3 * 86_400, "in 3d"],
    [-60, "in 1m"],
  ])("%d seconds: %s", (seconds, words) => expect(relativeTime(ago(seconds), NOW)).toBe(words));
});

describe("exactTime", () => {
  test("is in UTC to the millisecond", () => {
    expect(exactTime("2026-03-14T09:26:53.589Z")).toBe("2026-03-14 09:26:53.589 UTC");
    expect(utcDate("2026-01-01T00:00:00.000Z", 2026)).toBe("1 Jan");
  });
});

describe("duration", () => {
  test.each([
    [0, "0 ms"],
    [340, "340 ms"],
    [2340, "2.34 s"],
    [12_340, "12.3 s"],
    [72_000, "1 min 12 s"],
    [3_599_900, "60 min 0 s"],
  ])("%d ms: %s", (ms, words) => expect(duration(ms)).toBe(words));
});
