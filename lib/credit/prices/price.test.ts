import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundPicoUsd,
  compileRates,
  costPicoUsd,
  NO_USAGE,
  parseRates,
  type Rates,
  type Usage,
} from "./price";

const cost = (usage: Partial<Usage>, rates: Rates) =>
  costPicoUsd({ ...NO_USAGE, ...usage }, compileRates(rates));

const rate = fc
  .tuple(fc.nat(2000), fc.nat(12), fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }))
  .map(([whole, decimals, fraction]) =>
    decimals === 0 ? String(whole) : `${whole}.${fraction.toString().padStart(12, "0").slice(-decimals)}`,
  );
const tokenRates = fc.record(
  {
    inputPerMtok: rate,
    outputPerMtok: rate,
    cacheReadPerMtok: rate,
    cacheWritePerMtok: rate,
    inputAudioPerMtok: rate,
    outputAudioPerMtok: rate,
  },
  { requiredKeys: ["inputPerMtok", "outputPerMtok"] },
);
const anyRates: fc.Arbitrary<Rates> = fc
  .tuple(
    tokenRates,
    fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { maxLength: 3 }),
    fc.array(tokenRates),
  )
  .map(([base, starts, tierRates]) => ({
    ...base,
    tiers: starts
      .sort((a, b) => a - b)
      .flatMap((aboveInputTokens, i) => (tierRates[i] ? [{ aboveInputTokens, ...tierRates[i] }] : [])),
  }));
const anyUsage: fc.Arbitrary<Usage> = fc
  .record({
    inputTokens: fc.oneof(fc.nat(5000), fc.nat(10 ** 9)),
    outputTokens: fc.oneof(fc.nat(5000), fc.nat(10 ** 9)),
    cuts: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    audio: fc.double({ min: 0, max: 1, noNaN: true }),
    reasoningTokens: fc.nat(100),
  })
  .map(({ inputTokens, outputTokens, cuts, audio, reasoningTokens }) => {
    const cachedTokens = Math.floor(inputTokens * cuts[0]);
    const cacheWriteTokens = Math.floor((inputTokens - cachedTokens) * cuts[1]);
    const inputAudioTokens = Math.floor((inputTokens - cachedTokens - cacheWriteTokens) * audio);
    const outputAudioTokens = Math.floor(outputTokens * audio);
    return {
      inputTokens,
      cachedTokens,
      cacheWriteTokens,
      outputTokens,
      reasoningTokens,
      inputAudioTokens,
      outputAudioTokens,
    };
  });

/** The same sum in exact fractions of picodollars, as a numerator over 10³⁰. */
const DENOMINATOR = 10n ** 30n;
function slowFraction(usage: Usage, rates: Rates): bigint {
  const reached = (rates.tiers ?? []).findLast((tier) => usage.inputTokens > tier.aboveInputTokens) ?? rates;
  const perToken = (text: string) => {
    const [whole = "", fraction = ""] = text.split(".");
    const usdPerMtok = (BigInt(whole + fraction) * DENOMINATOR) / 10n ** BigInt(fraction.length);
    return usdPerMtok * 1_000_000n;
  };
  const part = (tokens: number, text: string) => BigInt(tokens) * perToken(text);
  const { inputPerMtok: inRate, outputPerMtok: outRate } = reached;
  const plain = usage.inputTokens - usage.cachedTokens - usage.cacheWriteTokens - usage.inputAudioTokens;
  return (
    part(plain, inRate) +
    part(usage.cachedTokens, reached.cacheReadPerMtok ?? inRate) +
    part(usage.cacheWriteTokens, reached.cacheWritePerMtok ?? inRate) +
    part(usage.inputAudioTokens, reached.inputAudioPerMtok ?? inRate) +
    part(usage.outputTokens - usage.outputAudioTokens, outRate) +
    part(usage.outputAudioTokens, reached.outputAudioPerMtok ?? outRate)
  );
}

describe("costPicoUsd", () => {
  const gpt = { inputPerMtok: "2.5", outputPerMtok: "10", cacheReadPerMtok: "1.25" };

  test("charges input, cached and output tokens at their rates", () => {
    // 600 × $2.50 + 400 × $1.25 + 200 × $10, per million
    expect(cost({ inputTokens: 1000, cachedTokens: 400, outputTokens: 200, reasoningTokens: 150 }, gpt)).toBe(
      4_000_000_000n,
    );
  });

  test("charges cached, cache-written and audio tokens without a rate at the input rate", () => {
    const plain = { inputPerMtok: "3", outputPerMtok: "7" };
    const parts = { cachedTokens: 20, cacheWriteTokens: 30, inputAudioTokens: 10, outputAudioTokens: 5 };
    expect(cost({ inputTokens: 100, outputTokens: 9, ...parts }, plain)).toBe(363_000_000n);
  });

  test("prices the whole request, output too, by the tier its input reaches", () => {
    const tiered: Rates = {
      inputPerMtok: "1",
      outputPerMtok: "10",
      tiers: [{ aboveInputTokens: 200_000, inputPerMtok: "2", outputPerMtok: "15" }],
    };
    expect(cost({ inputTokens: 200_000, outputTokens: 1 }, tiered)).toBe(200_010_000_000n);
    expect(cost({ inputTokens: 200_001, outputTokens: 1 }, tiered)).toBe(400_017_000_000n);
  });

  test("rounds a fraction of a picodollar up, once for the request", () => {
    // $4.6875e-9 a token is 4 687.5 picodollars
    const fine = { inputPerMtok: "0.0046875", outputPerMtok: "0.0046875" };
    expect(cost({ inputTokens: 1 }, fine)).toBe(4688n);
    expect(cost({ inputTokens: 1, outputTokens: 1 }, fine)).toBe(9375n);
    expect(cost({ inputTokens: 1 }, { inputPerMtok: "0.000000000001", outputPerMtok: "0" })).toBe(1n);
  });

  test("charges a token that is counted in two parts once, and never more tokens than the total", () => {
    const audio = { inputPerMtok: "1", outputPerMtok: "1", inputAudioPerMtok: "8", cacheReadPerMtok: "0.5" };
    expect(cost({ inputTokens: 10, inputAudioTokens: 8, cachedTokens: 6 }, audio)).toBe(65_000_000n);
    expect(cost({ outputTokens: 3, outputAudioTokens: 9 }, audio)).toBe(3_000_000n);
  });

  test("rejects a count that is not a whole number", () => {
    expect(() => cost({ inputTokens: 1.5 }, gpt)).toThrow(RangeError);
  });

  test("is never below the exact sum, and less than a picodollar above it", () => {
    fc.assert(
      fc.property(anyUsage, anyRates, (usage, rates) => {
        const exact = slowFraction(usage, rates);
        const charged = cost(usage, rates) * DENOMINATOR;
        expect(charged >= exact).toBe(true);
        expect(charged - exact < DENOMINATOR).toBe(true);
      }),
    );
  });

  test("never falls when a request within one tier uses more", () => {
    const parts = ["inputTokens", "outputTokens"] as const;
    fc.assert(
      fc.property(anyUsage, anyRates, fc.constantFrom(...parts), fc.nat(1000), (usage, rates, part, more) => {
        const flat = { ...rates, tiers: [] };
        expect(cost({ ...usage, [part]: usage[part] + more }, flat) >= cost(usage, flat)).toBe(true);
      }),
    );
  });
});

describe("boundPicoUsd", () => {
  test("covers every request within the bounds", () => {
    fc.assert(
      fc.property(anyUsage, anyRates, fc.nat(1000), fc.nat(1000), (usage, rates, moreIn, moreOut) => {
        const compiled = compileRates(rates);
        const bound = boundPicoUsd(usage.inputTokens + moreIn, usage.outputTokens + moreOut, compiled);
        expect(bound >= costPicoUsd(usage, compiled)).toBe(true);
      }),
    );
  });

  test("covers a request without audio when audio is left out", () => {
    fc.assert(
      fc.property(anyUsage, anyRates, (usage, rates) => {
        const compiled = compileRates(rates);
        const silent = { ...usage, inputAudioTokens: 0, outputAudioTokens: 0 };
        const bound = boundPicoUsd(usage.inputTokens, usage.outputTokens, compiled, { audio: false });
        expect(bound >= costPicoUsd(silent, compiled)).toBe(true);
      }),
    );
  });

  test("is tight: some usage costs it", () => {
    const rates = {
      inputPerMtok: "3",
      outputPerMtok: "15",
      cacheWritePerMtok: "3.75",
      cacheReadPerMtok: "0.3",
    };
    expect(boundPicoUsd(100, 10, compileRates(rates))).toBe(
      cost({ inputTokens: 100, cacheWriteTokens: 100, outputTokens: 10 }, rates),
    );
  });
});

describe("parseRates", () => {
  test("returns valid rates unchanged", () => {
    fc.assert(fc.property(anyRates, (rates) => void expect(parseRates(rates)).toEqual(rates)));
  });

  test.each([
    [{ inputPerMtok: "1" }],
    [{ inputPerMtok: 1, outputPerMtok: "1" }],
    [{ inputPerMtok: "1e3", outputPerMtok: "1" }],
    [{ inputPerMtok: "-1", outputPerMtok: "1" }],
    [{ inputPerMtok: "1", outputPerMtok: "1", imagePerMtok: "1" }],
  ])("rejects %j", (value) => {
    expect(() => parseRates(value)).toThrow();
  });

  test("rejects tiers that are not in ascending order", () => {
    const tier = { aboveInputTokens: 5, inputPerMtok: "1", outputPerMtok: "1" };
    expect(() => parseRates({ inputPerMtok: "1", outputPerMtok: "1", tiers: [tier, tier] })).toThrow(
      /ascending/,
    );
  });
});
