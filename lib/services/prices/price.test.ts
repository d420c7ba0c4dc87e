import { describe, expect, test } from "vitest";
import { Price, priceOf, ratesOf } from "./price";

const price = {
  input_per_mtok: "2.5",
  output_per_mtok: "10",
  cache_read_per_mtok: "0.0046875",
  cache_write_per_mtok: "3.125",
  input_audio_per_mtok: "40",
  output_audio_per_mtok: "80",
  web_search_per_call: "0.01",
  tiers: [{ above_input_tokens: 200_000, input_per_mtok: "5", output_per_mtok: "15" }],
};

describe("a price", () => {
  test("converts between the contract's form and rates without loss", () => {
    const parsed = Price.parse(price);
    expect(ratesOf(parsed)).toEqual({
      inputPerMtok: "2.5",
      outputPerMtok: "10",
      cacheReadPerMtok: "0.0046875",
      cacheWritePerMtok: "3.125",
      inputAudioPerMtok: "40",
      outputAudioPerMtok: "80",
      webSearchPerCall: "0.01",
      tiers: [{ aboveInputTokens: 200_000, inputPerMtok: "5", outputPerMtok: "15" }],
    });
    expect(priceOf(ratesOf(parsed))).toEqual(price);
  });

  test("is normalized to one spelling", () => {
    const rates = (input_per_mtok: string) => ratesOf({ input_per_mtok, output_per_mtok: "0.000" });
    expect(rates("02.500")).toEqual({ inputPerMtok: "2.5", outputPerMtok: "0" });
    expect(rates("10")).toEqual({ inputPerMtok: "10", outputPerMtok: "0" });
    expect(ratesOf({ ...price, web_search_per_call: "0.0100" })).toEqual(ratesOf(price));
    expect(ratesOf({ ...price, tiers: [] })).not.toHaveProperty("tiers");
  });

  test.each([
    [{ ...price, input_per_mtok: 2.5 }],
    [{ ...price, input_per_mtok: "-1" }],
    [{ ...price, input_per_mtok: "1e-6" }],
    [{ input_per_mtok: "1" }],
    [{ ...price, per_image: "1" }],
    [{ ...price, tiers: [...price.tiers, ...price.tiers] }],
    [{ ...price, web_search_per_call: 0.01 }],
    [{ ...price, tiers: [{ ...price.tiers[0], web_search_per_call: "0.01" }] }],
  ])("is rejected as %j", (given) => {
    expect(Price.safeParse(given).success).toBe(false);
  });
});
