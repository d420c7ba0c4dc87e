import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatUsd } from "#lib/credit/money";
import { ASKS_EVERYTHING, ASKS_NOTHING, NO_USAGE, type Usage } from "./meters";
import { boundPicoUsd, compileRates, costPicoUsd, parseRates, type Rates } from "./price";
import { anyRates } from "./testing/any-rates";

const cost = (usage: Partial<Usage>, rates: Rates) =>
  costPicoUsd({ ...NO_USAGE, ...usage }, compileRates(rates));

/** Parts that no two kinds share: how a provider counts that knows of each token what it is. */
const anyUsage: fc.Arbitrary<Usage> = fc
  .record({
    input: fc.array(fc.oneof(fc.nat(500), fc.nat(10 ** 7)), { minLength: 7, maxLength: 7 }),
    output: fc.array(fc.oneof(fc.nat(500), fc.nat(10 ** 7)), { minLength: 4, maxLength: 4 }),
    searches: fc.nat(20),
  })
  .map(({ input, output, searches }) => {
    const [text = 0, cached = 0, write = 0, longWrite = 0, audio = 0, image = 0, video = 0] = input;
    const [said = 0, reasoning = 0, outputAudio = 0, outputImage = 0] = output;
    return {
      inputTokens: text + cached + write + longWrite + audio + image + video,
      cachedTokens: cached,
      cacheWriteTokens: write + longWrite,
      cacheWrite1hTokens: longWrite,
      outputTokens: said + reasoning + outputAudio + outputImage,
      reasoningTokens: reasoning,
      inputAudioTokens: audio,
      inputImageTokens: image,
      inputVideoTokens: video,
      outputAudioTokens: outputAudio,
      outputImageTokens: outputImage,
      webSearches: searches,
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
  const write = reached.cacheWritePerMtok ?? inRate;
  const parts: [number, string][] = [
    [usage.cachedTokens, reached.cacheReadPerMtok ?? inRate],
    [usage.cacheWriteTokens - usage.cacheWrite1hTokens, write],
    [usage.cacheWrite1hTokens, reached.cacheWrite1hPerMtok ?? write],
    [usage.inputAudioTokens, reached.inputAudioPerMtok ?? inRate],
    [usage.inputImageTokens, reached.inputImagePerMtok ?? inRate],
    [usage.inputVideoTokens, reached.inputVideoPerMtok ?? inRate],
  ];
  const outputParts: [number, string][] = [
    [usage.reasoningTokens, reached.reasoningPerMtok ?? outRate],
    [usage.outputAudioTokens, reached.outputAudioPerMtok ?? outRate],
    [usage.outputImageTokens, reached.outputImagePerMtok ?? outRate],
  ];
  const restOf = (total: number, counted: [number, string][]) =>
    counted.reduce((left, [tokens]) => left - tokens, total);
  const all: [number, string][] = [
    ...parts,
    ...outputParts,
    [restOf(usage.inputTokens, parts), inRate],
    [restOf(usage.outputTokens, outputParts), outRate],
  ];
  // A dollar for each is a million dollars for a million.
  const searches = part(usage.webSearches * 1_000_000, rates.webSearchPerCall ?? "0");
  return all.reduce((sum, [tokens, text]) => sum + part(tokens, text), searches);
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

  const sonnet = {
    inputPerMtok: "3",
    outputPerMtok: "15",
    cacheReadPerMtok: "0.3",
    cacheWritePerMtok: "3.75",
    cacheWrite1hPerMtok: "6",
  };

  test("charges cache writes of five minutes and of an hour apart", () => {
    const counts = { cachedTokens: 50_000, cacheWriteTokens: 3_000, cacheWrite1hTokens: 1_000 };
    expect(formatUsd(cost({ inputTokens: 53_100, outputTokens: 400, ...counts }, sonnet))).toBe("0.0348");
  });

  test("charges hour-long writes like other writes if the price does not tell them apart", () => {
    const { cacheWrite1hPerMtok: _, ...plain } = sonnet;
    const counts = { inputTokens: 10, cacheWriteTokens: 10, cacheWrite1hTokens: 10 };
    expect(cost(counts, plain)).toBe(37_500_000n);
  });

  test("charges the cached part of pictures as cached if pictures have no rate of their own", () => {
    const counts = { inputTokens: 24_643, cachedTokens: 24_503, inputImageTokens: 24_000 };
    expect(formatUsd(cost(counts, sonnet))).toBe("0.0077709");
  });

  test("charges each search, besides its tokens", () => {
    const rates = { inputPerMtok: "3", outputPerMtok: "15", webSearchPerCall: "0.01" };
    // platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool: $10 per 1 000 searches
    const usage = { inputTokens: 7_000, outputTokens: 400, webSearches: 3 };
    expect(formatUsd(cost(usage, rates))).toBe("0.057");
    expect(cost(usage, { inputPerMtok: "3", outputPerMtok: "15" })).toBe(
      cost({ ...usage, webSearches: 0 }, rates),
    );
    const fine = { inputPerMtok: "0", outputPerMtok: "0", webSearchPerCall: "0.0000000000001" };
    expect([1, 10, 11].map((webSearches) => cost({ webSearches }, fine))).toEqual([1n, 1n, 2n]);
  });

  test("never charges below zero where parts exceed their total", () => {
    const counts = { inputTokens: 10, cachedTokens: 50, cacheWriteTokens: 5, cacheWrite1hTokens: 80 };
    // All ten at the highest of the rates that they are counted at.
    expect(cost(counts, sonnet)).toBe(60_000_000n);
    expect(cost({ cachedTokens: 50, reasoningTokens: 50 }, sonnet)).toBe(0n);
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
        const asks = { ...ASKS_EVERYTHING, webSearches: usage.webSearches };
        const bound = boundPicoUsd(usage.inputTokens + moreIn, usage.outputTokens + moreOut, compiled, asks);
        expect(bound >= costPicoUsd(usage, compiled)).toBe(true);
      }),
    );
  });

  test("covers what a request asks for, and no more expensive part that it does not", () => {
    const asks = fc.record({
      audio: fc.boolean(),
      audioAnswer: fc.boolean(),
      images: fc.boolean(),
      video: fc.boolean(),
      cacheWrites: fc.boolean(),
      longCacheWrites: fc.boolean(),
      webSearches: fc.nat(20),
    });
    fc.assert(
      fc.property(anyUsage, anyRates, asks, (usage, rates, asked) => {
        const compiled = compileRates(rates);
        const within = {
          ...usage,
          ...(asked.audio ? {} : { inputAudioTokens: 0, outputAudioTokens: 0 }),
          ...(asked.images ? {} : { inputImageTokens: 0 }),
          ...(asked.video ? {} : { inputVideoTokens: 0 }),
          ...(asked.longCacheWrites ? {} : { cacheWrite1hTokens: 0 }),
          webSearches: Math.min(usage.webSearches, asked.webSearches),
        };
        const bound = boundPicoUsd(usage.inputTokens, usage.outputTokens, compiled, asked);
        expect(bound >= costPicoUsd(within, compiled)).toBe(true);
        const everything = { ...ASKS_EVERYTHING, webSearches: asked.webSearches };
        expect(bound <= boundPicoUsd(usage.inputTokens, usage.outputTokens, compiled, everything)).toBe(true);
      }),
    );
  });

  test.each([
    ["audio", "inputAudioPerMtok"],
    ["images", "inputImagePerMtok"],
    ["video", "inputVideoPerMtok"],
    ["longCacheWrites", "cacheWrite1hPerMtok"],
  ] as const)("holds the rate of %s only if it is asked for", (ask, name) => {
    const compiled = compileRates({ inputPerMtok: "3", outputPerMtok: "15", [name]: "100" });
    expect(boundPicoUsd(10, 0, compiled, ASKS_NOTHING)).toBe(30_000_000n);
    expect(boundPicoUsd(10, 0, compiled, { ...ASKS_NOTHING, [ask]: true })).toBe(1_000_000_000n);
  });

  test("covers as many searches as are asked for", () => {
    const compiled = compileRates({ inputPerMtok: "3", outputPerMtok: "15", webSearchPerCall: "0.01" });
    expect(boundPicoUsd(10, 0, compiled, { ...ASKS_NOTHING, webSearches: 5 })).toBe(50_030_000_000n);
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
