import { describe, expect, test } from "vitest";
import { dateValue, instantValue, jsonValue, secondsValue, usdValue, wholeNumber } from "./values";

describe("option values", () => {
  test("keep every digit of money", () => {
    expect(usdValue("12.5")).toBe("12.5");
    expect(usdValue("$0.000000000001")).toBe("0.000000000001");
    for (const wrong of ["", "1e3", "-1", "1.0000000000001", "1,5", "ten"]) {
      expect(() => usdValue(wrong), wrong).toThrow("dollars");
    }
  });

  test("accept a whole number within bounds", () => {
    expect(wholeNumber(1, 200)("200")).toBe(200);
    for (const wrong of ["0", "201", "1.5", "-1", "x", ""]) {
      expect(() => wholeNumber(1, 200)(wrong), wrong).toThrow("from 1 to 200");
    }
    expect(() => wholeNumber(1)("0")).toThrow("at least 1");
  });

  test("accept a day that exists", () => {
    expect(dateValue("2026-12-31")).toBe("2026-12-31");
    for (const wrong of ["2026-13-01", "tomorrow", "2026-1-1", "2026-02-30"]) {
      expect(() => dateValue(wrong), wrong).toThrow("day");
    }
  });

  test("accept a duration", () => {
    expect([secondsValue("90"), secondsValue("90s"), secondsValue("15m"), secondsValue("24h")]).toEqual([
      90, 90, 900, 86_400,
    ]);
    expect(() => secondsValue("1 week")).toThrow("duration");
  });

  test("accept a point in time, and take a day for its end", () => {
    expect(instantValue("2026-12-31")).toBe("2026-12-31T23:59:59.999Z");
    expect(instantValue("2026-12-31T12:00:00+02:00")).toBe("2026-12-31T10:00:00.000Z");
    const inAnHour = Date.parse(instantValue("1h")) - Date.now();
    expect(inAnHour).toBeGreaterThan(3_590_000);
    expect(inAnHour).toBeLessThanOrEqual(3_600_000);
    expect(() => instantValue("soon")).toThrow("time");
  });

  test("accept a JSON object", () => {
    expect(jsonValue('{"a": 1}')).toEqual({ a: 1 });
    for (const wrong of ["[]", "1", "{", ""]) expect(() => jsonValue(wrong), wrong).toThrow("JSON object");
  });
});
