import { expect, test } from "vitest";
import { priceWords, rateLines } from "./price-words";

test("says a price in words, with every digit", () => {
  expect(priceWords({ input_per_mtok: "0.00000001", output_per_mtok: "10" })).toBe(
    "$0.00000001 in, $10.00 out",
  );
  const rates = { input_per_mtok: "1.25", output_per_mtok: "10" };
  const tier = { above_input_tokens: 200_000, input_per_mtok: "2.5", output_per_mtok: "15" };
  expect(
    rateLines({ ...rates, cache_read_per_mtok: "0.125", web_search_per_call: "0.01", tiers: [tier] }),
  ).toEqual([
    { label: "Input", usd: "$1.25" },
    { label: "Output", usd: "$10.00" },
    { label: "Cache read", usd: "$0.125" },
    { label: "Web search per call", usd: "$0.01" },
    { label: "Input, above 200,000", usd: "$2.50" },
    { label: "Output, above 200,000", usd: "$15.00" },
  ]);
});
