import { describe, expect, test } from "vitest";
import { cataloguePrice, catalogueProviderId } from "./catalogue";
import { withCacheWrites } from "./claude-on-clouds";

const UNCACHED = { inputPerMtok: "1", outputPerMtok: "2" };
const AT = new Date("2026-11-01");
const sonnet = { inputPerMtok: "3", outputPerMtok: "15", cacheReadPerMtok: "0.3", cacheWritePerMtok: "3.75" };

describe("cache writes of Claude's", () => {
  test("cost twice the input where the catalogue does not say, in each tier", () => {
    const tiers = [{ aboveInputTokens: 200_000, ...sonnet, inputPerMtok: "6.6" }];
    const rates = withCacheWrites("us.anthropic.claude-x", { ...sonnet, tiers });
    expect(rates.cacheWrite1hPerMtok).toBe("6");
    expect(rates.tiers?.[0]).toMatchObject({ aboveInputTokens: 200_000, cacheWrite1hPerMtok: "13.2" });
  });

  test("keep the catalogue's rate, and are nothing of other models'", () => {
    const known = { ...sonnet, cacheWrite1hPerMtok: "7" };
    expect(withCacheWrites("claude-x", known)).toEqual(known);
    expect(withCacheWrites("gemini-x", sonnet)).toEqual(sonnet);
    expect(withCacheWrites("claude-2.1", UNCACHED)).toEqual(UNCACHED);
    expect(withCacheWrites("anthropic/claude-3-sonnet", UNCACHED)).toEqual(UNCACHED);
  });

  test("cost a quarter more than the input, and those of an hour twice as much, where a catalogue has no rate", () => {
    const written = { ...UNCACHED, cacheWritePerMtok: "1.25", cacheWrite1hPerMtok: "2" };
    expect(withCacheWrites("anthropic/claude-x", UNCACHED)).toEqual(written);
  });

  test.each([
    ["openrouter", "anthropic/claude-3.7-sonnet", "3.75", "6"],
    ["openrouter", "anthropic/claude-3-opus", "18.75", "30"],
    ["aws", "us.anthropic.claude-3-opus-20240229-v1:0", undefined, undefined],
  ])("are in the catalogue's price, which has none of its own: %s %s", (provider, model, write, hour) => {
    const rates = cataloguePrice(provider, model, AT)?.rates;
    expect([rates?.cacheWritePerMtok, rates?.cacheWrite1hPerMtok]).toEqual([write, hour]);
  });

  test.each([
    [
      "https://bedrock-runtime.us-east-1.amazonaws.com",
      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "6.6",
    ],
    [
      "https://bedrock-runtime.us-east-1.amazonaws.com",
      "global.anthropic.claude-haiku-4-5-20251001-v1:0",
      "2",
    ],
    ["https://aiplatform.googleapis.com/v1", "claude-sonnet-4-5@20250929", "6"],
    ["https://api.anthropic.com/v1", "claude-sonnet-4-5", "6"],
  ])("have their rate in the catalogue's price: %s %s", (url, model, rate) => {
    const found = cataloguePrice(catalogueProviderId(url) ?? "", model, AT);
    expect(found?.rates.cacheWrite1hPerMtok).toBe(rate);
  });
});
