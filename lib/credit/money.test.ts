import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatUsd, InvalidAmount, parseUsd } from "./money";

const amounts = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });

describe("formatUsd", () => {
  test.each([
    [0n, "0"],
    [1n, "0.000000000001"],
    [-1_000_000n, "-0.000001"],
    [12_500_000_000_000n, "12.5"],
    [1_000_000_000_000n, "1"],
    [-100_000_000_000_000n, "-100"],
    [123_456_789_012_345_678_901_234n, "123456789012.345678901234"],
  ])("writes %s as %s", (picoUsd, text) => {
    expect(formatUsd(picoUsd)).toBe(text);
  });

  test("never writes an exponent, a trailing zero or a negative zero", () => {
    fc.assert(fc.property(amounts, (amount) => /^(0|-?(?!0$)\d+(\.\d*[1-9])?)$/.test(formatUsd(amount))));
  });
});

describe("parseUsd", () => {
  test("parses what formatUsd writes", () => {
    fc.assert(fc.property(amounts, (amount) => parseUsd(formatUsd(amount)) === amount));
  });

  test("parses PostgreSQL's padded numerics", () => {
    expect(parseUsd("12.500000000000")).toBe(12_500_000_000_000n);
    expect(parseUsd("0.000000000000")).toBe(0n);
    expect(parseUsd("-0.000001000000")).toBe(-1_000_000n);
  });

  test("accepts zeros beyond the twelfth decimal and leading zeros", () => {
    expect(parseUsd("1.00000000000000000000")).toBe(1_000_000_000_000n);
    expect(parseUsd(`${"0".repeat(40)}1`)).toBe(1_000_000_000_000n);
    expect(parseUsd("-0")).toBe(0n);
  });

  test.each([
    "",
    " 1",
    "1 ",
    "+1",
    ".5",
    "5.",
    "1e3",
    "1E-9",
    "1,5",
    "0x10",
    "NaN",
    "Infinity",
    "--1",
    "١",
    "1\n",
  ])("rejects %j", (text) => {
    expect(() => parseUsd(text)).toThrow(InvalidAmount);
  });

  test("rejects what it cannot represent exactly", () => {
    expect(() => parseUsd("0.0000000000001")).toThrow(/more than 12 decimals/);
    expect(() => parseUsd("1".repeat(27))).toThrow(/too large/);
    expect(parseUsd("9".repeat(26))).toBe(BigInt("9".repeat(26)) * 10n ** 12n);
  });
});
