import { describe, expect, test } from "vitest";
import { builtInPrice, importedNames } from "./model-at-provider";
import { hasRegionalPremium, withRegionalPremium } from "./regional-premium";

const sonnet = { inputPerMtok: "3", outputPerMtok: "15", cacheReadPerMtok: "0.3", cacheWritePerMtok: "3.75" };

describe("a model in a region", () => {
  const REGION = "https://europe-west1-aiplatform.googleapis.com/v1";
  const EU = "https://eu.api.openai.com/v1";

  test.each([
    [REGION, "claude-sonnet-4-5@20250929", true],
    ["https://us-east5-aiplatform.googleapis.com/v1", "claude-opus-4-5@20251101", true],
    ["https://aiplatform.eu.rep.googleapis.com/v1", "claude-haiku-4-5@20251001", true],
    [REGION, "claude-opus-4-6", true],
    [REGION, "claude-opus-5", true],
    ["https://aiplatform.googleapis.com/v1", "claude-sonnet-4-5@20250929", false],
    [REGION, "claude-sonnet-4@20250514", false],
    [REGION, "claude-opus-4-1@20250805", false],
    [REGION, "claude-opus-4-1", false],
    [REGION, "claude-3-7-sonnet@20250219", false],
    [REGION, "gemini-3.5-flash", true],
    [REGION, "gemini-3-pro-preview", true],
    ["https://aiplatform.us.rep.googleapis.com/v1", "gemini-4-pro", true],
    ["https://aiplatform.googleapis.com/v1", "gemini-3.5-flash", false],
    ["https://generativelanguage.googleapis.com/v1beta", "gemini-3.5-flash", false],
    [REGION, "gemini-2.5-pro", false],
    [REGION, "gemini-embedding-001", false],
    [EU, "gpt-5.4", true],
    [EU, "gpt-6.2-sol", true],
    ["https://us.api.openai.com/v1", "gpt-5.5-mini", true],
    [EU, "gpt-5.3-codex", false],
    [EU, "gpt-5-mini", false],
    [EU, "gpt-4.1", false],
    [EU, "o3", false],
    [EU, "text-embedding-3-large", false],
    ["https://api.openai.com/v1", "gpt-5.5", false],
    ["https://us.api.x.ai/v1", "grok-4.6", true],
    ["https://api.x.ai/v1", "grok-4.6", false],
    ["https://proxy.example/v1", "claude-sonnet-4-5@20250929", false],
    ["", "claude-sonnet-4-5@20250929", false],
  ])("costs more: %s %s", (url, model, isHigher) => {
    expect(hasRegionalPremium(url, model)).toBe(isHigher);
  });

  test("costs exactly 10 % more, in each tier", () => {
    const tiers = [{ aboveInputTokens: 200_000, inputPerMtok: "6", outputPerMtok: "22.5" }];
    expect(withRegionalPremium({ ...sonnet, tiers })).toEqual({
      inputPerMtok: "3.3",
      outputPerMtok: "16.5",
      cacheReadPerMtok: "0.33",
      cacheWritePerMtok: "4.125",
      tiers: [{ aboveInputTokens: 200_000, inputPerMtok: "6.6", outputPerMtok: "24.75" }],
    });
  });

  test.each([
    ["https://api.openai.com/v1", EU, "gpt-5.5", "5", "5.5"],
    ["https://api.openai.com/v1", EU, "gpt-4.1", "2", "2"],
    ["https://api.x.ai/v1", "https://us.api.x.ai/v1", "grok-4.6", "2", "2.2"],
    [
      "https://aiplatform.googleapis.com",
      "https://europe-west1-aiplatform.googleapis.com",
      "gemini-3.5-flash",
      "1.5",
      "1.65",
    ],
  ])(
    "has the built-in catalogue's price of %s, with what it costs more at %s: %s",
    (global, regional, model, plain, dearer) => {
      const inputAt = (url: string) => builtInPrice({ url }, model)?.version.rates.inputPerMtok;
      expect([inputAt(global), inputAt(regional)]).toEqual([plain, dearer]);
    },
  );

  test("has no imported price where it costs more, as that is the global one", () => {
    expect(importedNames({ name: "eu", url: EU }, "gpt-5.5")).toEqual([]);
    expect(importedNames({ name: "eu", url: EU }, "gpt-4.1")).toContain("gpt-4.1");
  });
});
