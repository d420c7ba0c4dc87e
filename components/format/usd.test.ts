import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisUsd, exactUsd, fixedUsd, ledgerUsd, roundUsd, shortUsd, totalUsd } from "./usd";

const amount = fc.bigInt({ min: 0n, max: 10n ** 24n }).map((picoUsd) => {
  const digits = picoUsd.toString().padStart(13, "0");
  const fraction = digits.slice(-12).replace(/0+$/, "");
  return { picoUsd, text: fraction ? `${digits.slice(0, -12)}.${fraction}` : digits.slice(0, -12) };
});

describe("an exact amount", () => {
  test("has every digit, with separators before the point only", () => {
    expect(exactUsd("1234567.123456789012")).toBe("$1,234,567.123456789012");
    expect(exactUsd("0.000000000001")).toBe("$0.000000000001");
    expect(exactUsd("0")).toBe("$0");
    expect(exactUsd("-1234.5")).toBe("−$1,234.5");
  });
});

describe("a short amount", () => {
  test.each([
    ["0", "$0.00"],
    ["1234.5", "$1,234.50"],
    ["1.005", "$1.01"],
    ["0.999999", "$1.00"],
    ["0.5", "$0.50"],
    ["0.0456", "$0.0456"],
    ["0.04561", "$0.0456"],
    ["0.00123456", "$0.00123"],
    ["0.000123456789", "$0.000123"],
    ["0.0000000041", "$0.0000000041"],
    ["-0.25", "−$0.25"],
  ])("of %s is %s", (usd, expected) => expect(shortUsd(usd)).toBe(expected));

  test("is never zero for a positive amount", () => {
    fc.assert(
      fc.property(amount, ({ picoUsd, text }) => {
        fc.pre(picoUsd > 0n);
        expect(shortUsd(text)).toMatch(/[1-9]/);
      }),
    );
  });
});

describe("a sum", () => {
  test("has cents, or significant digits if it is less than a cent", () => {
    expect(totalUsd("12.3456")).toBe("$12.35");
    expect(totalUsd("0.0456")).toBe("$0.05");
    expect(totalUsd("0.00123")).toBe("$0.00123");
    expect(totalUsd("0")).toBe("$0.00");
  });
});

describe("rounding", () => {
  test("rounds half up and keeps its decimals", () => {
    expect(roundUsd("0.0049999", 2)).toBe("0.00");
    expect(roundUsd("0.005", 2)).toBe("0.01");
    expect(roundUsd("9.999", 2)).toBe("10.00");
    expect(roundUsd("2.5", 0)).toBe("3");
    expect(roundUsd("-0.001", 2)).toBe("0.00");
    expect(fixedUsd("1234.5", 4)).toBe("$1,234.5000");
  });

  test("differs by at most half of the last decimal", () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 12 }), ({ picoUsd, text }, decimals) => {
        const [whole = "", fraction = ""] = roundUsd(text, decimals).split(".");
        const rounded = BigInt(whole + fraction) * 10n ** BigInt(12 - decimals);
        const off = rounded > picoUsd ? rounded - picoUsd : picoUsd - rounded;
        expect(off * 2n <= 10n ** BigInt(12 - decimals)).toBe(true);
      }),
    );
  });
});

describe("ledgerUsd", () => {
  test.each([
    ["0.00123456", "$0.00", "1235"],
    ["0.183", "$0.", "183000"],
    ["12.3456", "", "$12.345600"],
    ["0", "$0.00", ""],
    ["0.0000000041", "<", "$0.000001"],
  ])("splits %s at its first significant digit", (usd, lead, rest) =>
    expect(ledgerUsd(usd)).toEqual({ lead, rest }),
  );
});

describe("an axis", () => {
  test("has rough amounts", () => {
    expect([0, 0.004, 0.25, 5, 1200, 25_000].map(axisUsd)).toEqual([
      "$0",
      "$0.004",
      "$0.25",
      "$5",
      "$1.2k",
      "$25k",
    ]);
  });
});
