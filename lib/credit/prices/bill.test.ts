import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BilledTokens, billedCalls, billedTokens } from "./bill";
import { NO_USAGE, PARTS, type Usage } from "./meters";
import { compileRates, costPicoUsd, type Rates } from "./price";
import { anyRates } from "./testing/any-rates";

const sideOf = (rate: BilledTokens["rate"]) =>
  rate === "inputPerMtok" || rate === "outputPerMtok" ? rate.slice(0, -"PerMtok".length) : PARTS[rate].of;

const cost = (usage: Partial<Usage>, rates: Rates) =>
  costPicoUsd({ ...NO_USAGE, ...usage }, compileRates(rates));

describe("a bill", () => {
  test("splits a usage as it is charged, whatever its counts", () => {
    const anyCounts = fc.record(
      Object.fromEntries(Object.keys(NO_USAGE).map((name) => [name, fc.nat(10_000)])),
    );
    fc.assert(
      fc.property(anyCounts, anyRates, (counts, rates) => {
        const usage = { ...NO_USAGE, ...counts };
        const { billed, aboveInputTokens } = billedTokens(usage, rates);
        const sum = (side: string) =>
          billed.filter((line) => sideOf(line.rate) === side).reduce((all, { tokens }) => all + tokens, 0);
        expect([sum("input"), sum("output")]).toEqual([usage.inputTokens, usage.outputTokens]);
        expect(aboveInputTokens === null || usage.inputTokens > aboveInputTokens).toBe(true);
        const lines = billed.map(({ tokens, perMtok }) =>
          cost({ inputTokens: tokens }, { inputPerMtok: perMtok, outputPerMtok: "0" }),
        );
        const ofCalls = billedCalls(usage, rates).map(({ calls, perCall }) =>
          cost({ webSearches: calls }, { inputPerMtok: "0", outputPerMtok: "0", webSearchPerCall: perCall }),
        );
        const all = [...lines, ...ofCalls];
        const difference = all.reduce((sum, line) => sum + line, 0n) - cost(usage, rates);
        expect(difference >= 0n && difference <= BigInt(all.length)).toBe(true);
      }),
    );
  });

  test("has a line for searches if they have a rate", () => {
    const usage = { ...NO_USAGE, webSearches: 3 };
    const rates = { inputPerMtok: "3", outputPerMtok: "15" };
    expect(billedCalls(usage, { ...rates, webSearchPerCall: "0.01" })).toEqual([
      { rate: "webSearchPerCall", calls: 3, perCall: "0.01" },
    ]);
    expect(billedCalls(usage, rates)).toEqual([]);
    expect(billedCalls(NO_USAGE, { ...rates, webSearchPerCall: "0.01" })).toEqual([]);
  });
});
