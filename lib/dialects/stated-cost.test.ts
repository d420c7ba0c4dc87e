import { describe, expect, test } from "vitest";
import { formatUsd } from "#lib/credit/money";
import { statedCostIn } from "./stated-cost";

const costOf = (usage: unknown) => {
  const picoUsd = statedCostIn({ usage });
  return picoUsd === null ? null : formatUsd(picoUsd);
};

describe("a provider's own cost", () => {
  test.each<[string, object, string]>([
    ["OpenRouter's", { cost: 0.95, cost_details: { upstream_inference_cost: 19 } }, "0.95"],
    [
      "OpenRouter's with a key of one's own",
      { cost: 0.0005, is_byok: true, cost_details: { upstream_inference_cost: 0.01 } },
      "0.0105",
    ],
    ["a small one", { cost: 1.4e-7 }, "0.00000014"],
    ["a text", { cost: "0.00012" }, "0.00012"],
    ["a free one", { cost: 0 }, "0"],
    ["more decimals than there are", { cost: 0.1234567890126 }, "0.123456789013"],
    ["Perplexity's", { cost: { input_tokens_cost: 0.001, request_cost: 0.006, total_cost: 0.007 } }, "0.007"],
    ["DeepInfra's", { estimated_cost: 0.00001268 }, "0.00001268"],
    ["xAI's", { cost_in_usd_ticks: 37756000 }, "0.0037756"],
  ])("is read where the provider states it: %s", (_, usage, usd) => {
    expect(costOf(usage)).toBe(usd);
  });

  test.each<[string, unknown]>([
    ["no usage", null],
    ["no cost", { prompt_tokens: 5 }],
    ["null", { cost: null }],
    ["a negative amount", { cost: -1 }],
    ["an amount of no request", { cost: 5e6 }],
    ["no number", { cost: "free" }],
    ["a flag", { cost: true }],
    ["no finite number", { cost: Number.POSITIVE_INFINITY }],
  ])("is none for %s", (_, usage) => {
    expect(costOf(usage)).toBeNull();
  });
});
