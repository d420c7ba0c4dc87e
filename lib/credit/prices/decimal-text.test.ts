import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalText, decimalTimes } from "./decimal-text";

describe("decimalText", () => {
  test.each([
    [0.1, "0.1"],
    [1e-7, "0.0000001"],
    [1.25e-9, "0.00000000125"],
    [200, "200"],
    [0, "0"],
  ])("writes %s as %s", (value, text) => {
    expect(decimalText(value)).toBe(text);
  });

  test.each([
    [3e-5, 6, "30"],
    [4.6875e-9, 6, "0.0046875"],
    [10, -3, "0.01"],
    [27.5, -3, "0.0275"],
    [0, -3, "0"],
  ])("moves the point of %s by %d", (value, places, text) => {
    expect(decimalText(value, places)).toBe(text);
  });

  test("writes a text that parses to the same number", () => {
    const price = fc.double({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true });
    fc.assert(fc.property(price, (value) => Number(decimalText(value)) === value));
  });
});

describe("decimalTimes", () => {
  test.each([
    ["3.75", 11, 1, "4.125"],
    ["0.3", 2, 0, "0.6"],
    ["5", 2, 0, "10"],
    ["0.05", 2, 1, "0.01"],
    ["0", 11, 1, "0"],
    ["0.000000000000000000000001", 11, 1, "0.0000000000000000000000011"],
  ])("%s times %d, with the point moved by %d, is %s", (decimal, factor, places, product) => {
    expect(decimalTimes(decimal, factor, places)).toBe(product);
  });

  test("is exact", () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(digits, fc.integer({ min: 1, max: 99 }), (value, factor) => {
        const decimal = `${value / 10n ** 6n}.${String(value % 10n ** 6n).padStart(6, "0")}`;
        const [whole = "", fraction = ""] = decimalTimes(decimal, factor).split(".");
        expect(BigInt(whole + fraction.padEnd(6, "0"))).toBe(value * BigInt(factor));
      }),
    );
  });
});
