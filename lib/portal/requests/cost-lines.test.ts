import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { compileRates, costPicoUsd } from "#lib/credit/prices/price";
import { costBreakdown, usageOfSweep } from "./cost-lines";

const RATES = {
  inputPerMtok: "1.25",
  outputPerMtok: "10",
  cacheReadPerMtok: "0.125",
  tiers: [{ aboveInputTokens: 200_000, inputPerMtok: "2.5", outputPerMtok: "15" }],
};
const costOf = (usage: Usage) => formatUsd(costPicoUsd(usage, compileRates(RATES)));

describe("a request's bill", () => {
  test("has a line for each kind of token, which sum to the cost", () => {
    const tokens = {
      ...NO_USAGE,
      inputTokens: 5095,
      cachedTokens: 1280,
      cacheWriteTokens: 0,
      outputTokens: 353,
    };
    const { lines, otherUsd } = costBreakdown(tokens, costOf(tokens), RATES);
    expect(lines).toEqual([
      { label: "Input", tokens: 3815, ratePerMtok: "1.25", usd: "0.00476875" },
      { label: "Cached input", tokens: 1280, ratePerMtok: "0.125", usd: "0.00016" },
      { label: "Output", tokens: 353, ratePerMtok: "10", usd: "0.00353" },
    ]);
    expect(otherUsd).toBe("0");
  });

  test("has a line for searches, which are billed by the call", () => {
    const usage = { ...NO_USAGE, inputTokens: 1_000, webSearches: 3 };
    const rates = { inputPerMtok: "3", outputPerMtok: "15", webSearchPerCall: "0.01" };
    const bill = costBreakdown(usage, formatUsd(costPicoUsd(usage, compileRates(rates))), rates);
    expect(bill.calls).toEqual([{ label: "Web searches", calls: 3, ratePerCall: "0.01", usd: "0.03" }]);
    expect(bill.otherUsd).toBe("0");
  });

  test("tells cached input apart at the rate of other input, too", () => {
    const usage = { ...NO_USAGE, inputTokens: 2_006, cachedTokens: 1_920 };
    const rates = { inputPerMtok: "0.15", outputPerMtok: "0.6" };
    const { lines } = costBreakdown(usage, formatUsd(costPicoUsd(usage, compileRates(rates))), rates);
    expect(lines).toEqual([
      { label: "Input", tokens: 86, ratePerMtok: "0.15", usd: "0.0000129" },
      { label: "Cached input", tokens: 1_920, ratePerMtok: "0.15", usd: "0.000288" },
    ]);
  });

  test("uses the rates of the tier that prices the whole request", () => {
    const tokens = {
      ...NO_USAGE,
      inputTokens: 250_000,
      cachedTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 10,
    };
    const bill = costBreakdown(tokens, costOf(tokens), RATES);
    expect(bill.aboveInputTokens).toBe(200_000);
    expect(bill.lines.map((line) => line.ratePerMtok)).toEqual(["2.5", "15"]);
    expect(bill.otherUsd).toBe("0");
  });

  test("shows the rest that its lines do not explain", () => {
    const tokens = { ...NO_USAGE, inputTokens: 1000, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    expect(costBreakdown(tokens, "0.00225", RATES).otherUsd).toBe("0.001");
  });

  test("adds up to the cost for any tokens, except for rounding", () => {
    const count = fc.integer({ min: 0, max: 400_000 });
    fc.assert(
      fc.property(
        fc.record({ inputTokens: count, cachedTokens: count, cacheWriteTokens: count, outputTokens: count }),
        (counts) => {
          const tokens = { ...NO_USAGE, ...counts };
          const cost = costOf(tokens);
          const bill = costBreakdown(tokens, cost, RATES);
          const lines = bill.lines.reduce((sum, line) => sum + parseUsd(line.usd), 0n);
          expect(lines + parseUsd(bill.otherUsd)).toBe(parseUsd(cost));
          // Each line is rounded up to the picodollar.
          expect(parseUsd(bill.otherUsd) <= 0n && parseUsd(bill.otherUsd) > -4n).toBe(true);
        },
      ),
    );
  });
});

describe("the bill of a swept request", () => {
  const rates = {
    inputPerMtok: "3",
    outputPerMtok: "15",
    cacheWritePerMtok: "3.75",
    cacheWrite1hPerMtok: "6",
  };
  const usage = { ...NO_USAGE, inputTokens: 2_000, outputTokens: 100 };
  const charged = (written: Partial<Usage>) =>
    formatUsd(costPicoUsd({ ...usage, ...written }, compileRates(rates)));

  test.each([
    ["Cache write", "3.75", { cacheWriteTokens: 2_000 }],
    ["Cache write, 1 hour", "6", { cacheWriteTokens: 2_000, cacheWrite1hTokens: 2_000 }],
    ["Input", "3", {}],
  ])("shows its input as what it was charged as: %s", (label, ratePerMtok, written) => {
    const costUsd = charged(written);
    const { lines, otherUsd } = costBreakdown(usageOfSweep(usage, costUsd, rates), costUsd, rates);
    expect(lines[0]).toMatchObject({ label, ratePerMtok, tokens: 2_000 });
    expect(otherUsd).toBe("0");
  });

  test("shows what none of that explains as other costs", () => {
    const { otherUsd } = costBreakdown(usageOfSweep(usage, "1", rates), "1", rates);
    expect(otherUsd).toBe("0.9925");
  });
});
