import { describe, expect, test } from "vitest";
import { builtInPrice, importedNames } from "./model-at-provider";

const aiGateway = { name: "cf", url: "https://gateway.ai.cloudflare.com/v1/account/gateway/compat" };

describe("a model behind Cloudflare's AI Gateway", () => {
  test.each([
    ["openai/gpt-5-mini", "https://api.openai.com/v1", "gpt-5-mini"],
    ["anthropic/claude-sonnet-4-5", "https://api.anthropic.com", "claude-sonnet-4-5"],
    ["google-ai-studio/gemini-2.5-flash", "https://generativelanguage.googleapis.com", "gemini-2.5-flash"],
    ["grok/grok-4", "https://api.x.ai/v1", "grok-4"],
  ])("%s costs what its provider asks", (model, url, name) => {
    const own = builtInPrice({ url }, name);
    expect(own).not.toBeNull();
    expect(builtInPrice(aiGateway, model)).toEqual(own);
  });

  test("is in an imported catalogue under its provider's name", () => {
    expect(importedNames(aiGateway, "google-ai-studio/gemini-2.5-flash")).toEqual([
      "gemini/gemini-2.5-flash",
      "gemini-2.5-flash",
    ]);
  });

  test("has no price if its provider is unknown, or at another address", () => {
    expect(builtInPrice(aiGateway, "workers-ai/@cf/meta/llama")).toBeNull();
    expect(builtInPrice(aiGateway, "gpt-5-mini")).toBeNull();
    expect(builtInPrice({ url: "https://gateway.example.com/compat" }, "openai/gpt-5-mini")).toBeNull();
  });
});
