import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalText } from "./decimal-text";

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
