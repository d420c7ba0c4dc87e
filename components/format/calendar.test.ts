import { describe, expect, test } from "vitest";
import { dayOf, daysBetween, plusMonths } from "./calendar";

describe("a UTC day", () => {
  test("does not depend on the machine's time zone", () => {
    expect(dayOf(Date.parse("2026-03-14T23:59:59.999Z"))).toBe("2026-03-14");
  });

  test("moves by months to the same date, or to the last day of a shorter month", () => {
    expect(plusMonths("2026-11-21", 1)).toBe("2026-12-21");
    expect(plusMonths("2026-12-31", 1)).toBe("2027-01-31");
    expect(plusMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(plusMonths("2028-01-31", 1)).toBe("2028-02-29");
    expect(plusMonths("2028-02-29", 12)).toBe("2029-02-28");
  });

  test("has a signed distance in days from another", () => {
    expect(daysBetween("2026-02-27", "2026-03-02")).toBe(3);
    expect(daysBetween("2026-03-02", "2026-02-27")).toBe(-3);
  });
});
