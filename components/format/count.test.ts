import { describe, expect, test } from "vitest";
import { change, columnShare, count, points, share, shortCount } from "./count";

describe("counts", () => {
  test("have thousands separators, and are shortened from ten thousand up", () => {
    expect(count(1_234_567)).toBe("1,234,567");
    expect(shortCount(9999)).toBe("9,999");
    expect(shortCount(12_345)).toBe("12.3K");
    expect(shortCount(4_250_000)).toBe("4.3M");
  });

  test("are 0% of zero", () => {
    expect(share(0, 0)).toBe("0%");
    expect(share(31, 1390)).toBe("2.23%");
    expect([columnShare(1, 2), columnShare(31, 1390), columnShare(0, 0)]).toEqual(["50.0%", "2.2%", "0.0%"]);
  });
});

describe("a change", () => {
  test("is a percentage, or null without a previous figure", () => {
    expect(change(112, 100)).toBe("+12%");
    expect(change(96.6, 100)).toBe("−3.4%");
    expect(change(100, 100)).toBe("±0%");
    expect(change(5000, 100)).toBe("×10+");
    expect(change(5, 0)).toBeNull();
  });

  test("of a share is in percentage points", () => {
    expect(points(0.0223, 0.0154)).toBe("+0.69 pts");
    expect(points(0.01, 0.05)).toBe("−4.00 pts");
    expect(points(0.01, 0.01)).toBe("±0 pts");
  });
});
