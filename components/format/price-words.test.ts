import { expect, test } from "vitest";
import { priceWords, rateLines } from "./price-words";

test("says a price in words, with every digit", () => {
  expect(priceWords({ input_per_mtok: "0.00000001", output_per_mtok: "10" })).toBe("$0.00000001 in, $10 out");
  const rates = { input_per_mtok: "1.25", output_per_mtok: "10" };
  const tier = { above_input_tokens: 200_000, input_per_mtok: "2.5", output_per_mtok: "15" };
  expect(
    rateLines({ ...rates, cache_read_per_mtok: "0.125", web_search_per_call: "0.01", tiers: [tier] }),
  ).toEqual([
    { label: "Input, per million tokens", usd: "$1.25" },
    { label: "Output, per million tokens", usd: "$10" },
    { label: "Cache read, per million tokens", usd: "$0.125" },
    { label: "Web search, per call", usd: "$0.01" },
    { label: "Input, per million tokens, above 200,000 input tokens", usd: "$2.5" },
    { label: "Output, per million tokens, above 200,000 input tokens", usd: "$15" },
  ]);
});
