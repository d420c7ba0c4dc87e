import { calcPrice, waitForUpdate } from "@pydantic/genai-prices";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cataloguePrice, catalogueProviderId, catalogueWindow } from "./catalogue";
import { NO_USAGE } from "./meters";
import { namesLedTo, newestRelease } from "./moving-alias";
import { boundPicoUsd, compileRates, costPicoUsd } from "./price";

const AT = new Date("2026-11-20T12:00:00Z");

describe("cataloguePrice", () => {
  test("returns the catalogue's rates as exact decimal strings", () => {
    expect(cataloguePrice("openai", "gpt-4o-mini-2024-07-18", AT)).toEqual({
      origin: "genai-prices: openai/gpt-4o-mini",
      rates: {
        inputPerMtok: "0.15",
        outputPerMtok: "0.6",
        cacheReadPerMtok: "0.075",
        // The catalogue has the price of a thousand searches.
        webSearchPerCall: "0.01",
      },
      contextWindow: 128_000,
    });
  });

  test("keeps context tiers", () => {
    expect(cataloguePrice("openai", "gpt-5.4", AT)?.rates).toEqual({
      inputPerMtok: "2.5",
      outputPerMtok: "15",
      cacheReadPerMtok: "0.25",
      webSearchPerCall: "0.01",
      tiers: [
        { aboveInputTokens: 271_999, inputPerMtok: "5", outputPerMtok: "22.5", cacheReadPerMtok: "0.5" },
      ],
    });
  });

  test.each([
    ["x-ai", "grok-4.6", 200_000],
    // The catalogue has the same start as for other models there.
    ["openrouter", "x-ai/grok-4-fast", 128_000],
  ])("holds and bills the tier of %s/%s from its start on", (provider, model, start) => {
    const rates = compileRates(
      cataloguePrice(provider, model, AT)?.rates ?? { inputPerMtok: "0", outputPerMtok: "0" },
    );
    const costOf = (inputTokens: number) => costPicoUsd({ ...NO_USAGE, inputTokens }, rates);
    expect(costOf(start)).toBeGreaterThan((costOf(start - 1) * 3n) / 2n);
    expect(boundPicoUsd(start, 0, rates)).toBe(costOf(start));
    expect(boundPicoUsd(start - 1, 0, rates)).toBe(costOf(start - 1));
  });

  test("has no less for a name that moves than for the newest release of it", () => {
    const rates = { inputPerMtok: "0.15", outputPerMtok: "0.6" };
    for (const name of ["mistral-small-2603", "mistral-small-latest"])
      expect(cataloguePrice("mistral", name, AT)?.rates).toMatchObject(rates);
  });

  test.each([
    ["mistral-medium", "1.5"],
    ["mistral-medium-3", "1.5"],
    ["ministral-8b", "0.15"],
    ["mistral-medium-2508", "0.4"],
    ["mistral-large-2512", "0.5"],
    ["mistral-large", "2"],
  ])("has no less for Mistral's %s than for what it may lead to", (name, inputPerMtok) => {
    expect(cataloguePrice("mistral", name, AT)?.rates.inputPerMtok).toBe(inputPerMtok);
  });

  test.each([
    [
      "mistral-small-latest",
      ["mistral-small-2409", "mistral-small-2603", "mistral-small-2506"],
      "mistral-small-2603",
    ],
    ["gpt-9-latest", ["gpt-9-2026-05-01", "gpt-9-20260601", "gpt-9-mini-20270101"], "gpt-9-20260601"],
    ["gpt-9-latest", ["gpt-9", "gpt-9-turbo"], null],
    ["gpt-9", ["gpt-9-20260601"], null],
  ])("knows the newest release of %s among %j", (name, ids, newest) => {
    const models = ids.map((id) => ({ id, match: { or: [{ equals: id }] }, prices: {} }));
    expect(newestRelease({ models }, name)).toBe(newest);
  });

  test("applies a price change from its start date on", () => {
    const before = cataloguePrice("openai", "o3", new Date("2025-06-09T23:59:59Z"));
    const after = cataloguePrice("openai", "o3", new Date("2025-06-10T00:00:00Z"));
    expect([before?.rates.inputPerMtok, after?.rates.inputPerMtok]).toEqual(["10", "2"]);
  });

  test("returns the highest rates of the day if a price depends on the time of day", () => {
    const night = cataloguePrice("deepseek", "deepseek-chat", new Date("2026-11-20T20:00:00Z"));
    const day = cataloguePrice("deepseek", "deepseek-chat", new Date("2026-11-20T03:00:00Z"));
    expect(night?.rates).toEqual(day?.rates);
    expect(night?.rates).toEqual({ inputPerMtok: "0.27", outputPerMtok: "1.1", cacheReadPerMtok: "0.07" });
  });

  test("tells cache writes of five minutes and of an hour apart", () => {
    const sonnet = cataloguePrice("anthropic", "claude-sonnet-4-5", AT);
    expect(sonnet?.rates).toMatchObject({ cacheWritePerMtok: "3.75", cacheWrite1hPerMtok: "6" });
  });

  test("has rates for pictures, sound and video where the catalogue has them", () => {
    expect(cataloguePrice("google", "gemini-2.5-flash-image", AT)?.rates).toMatchObject({
      outputPerMtok: "2.5",
      outputImagePerMtok: "30",
    });
    expect(cataloguePrice("google", "gemini-embedding-2", AT)?.rates).toMatchObject({
      inputPerMtok: "0.2",
      inputAudioPerMtok: "6.5",
      inputImagePerMtok: "0.45",
      inputVideoPerMtok: "12",
    });
  });

  test.each([
    ["openai", "no-such-model", "it is unknown"],
    ["no-such-provider", "gpt-4o", "the provider is unknown"],
    ["google", "gemini-omni-flash-preview", "it bills video that it makes"],
    ["openai", "whisper-1", "it bills hours"],
    ["openai", "omni-moderation-latest", "the entry has no price"],
    ["openai", "gpt-4o-audio-preview", "the entry lacks its audio rates"],
    ["openai", "gpt-4o-mini-search-preview", "it bills searches that the request did not ask for"],
    ["perplexity", "sonar", "it bills requests"],
    ["openrouter", "perplexity/sonar", "it bills requests there, too"],
    ["openrouter", "perplexity/sonar-pro", "it bills requests there, too"],
    ["x-ai", "grok-4.20-multi-agent", "its agents read and write what no hold covers"],
    ["openrouter", "x-ai/grok-4.20-multi-agent", "its agents read and write what no hold covers"],
  ])("has no price for %s %s, because %s", (provider, model) => {
    expect(cataloguePrice(provider, model, AT)).toBeNull();
  });

  test("never charges less than the catalogue's own calculation, and the same if nothing is simplified", async () => {
    const providers = (await waitForUpdate()) ?? [];
    const models = providers.flatMap((provider) =>
      provider.models.flatMap((model) => {
        const entry = cataloguePrice(provider.id, model.id, AT);
        const keys = JSON.stringify(model.prices);
        // Of Claude's cache writes, some have a rate of ours (claude-on-clouds.ts).
        const isAdded = /claude/i.test(model.id) && !keys.includes("cache_write_mtok");
        const isMoved = namesLedTo(provider, model.id).length > 0;
        const simplified = isAdded || isMoved || /time_of_date|cache_(audio|image|video)/.test(keys);
        // A model id may match another model's entry.
        const isOwn = entry?.origin === `genai-prices: ${provider.id}/${model.id}`;
        return entry && isOwn ? [{ provider: provider.id, model: model.id, entry, simplified }] : [];
      }),
    );
    expect(models.length).toBeGreaterThan(1000);
    const tokens = fc.tuple(fc.integer({ min: 3, max: 2_000_000 }), fc.nat(500_000));
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        tokens,
        ({ provider, model, entry, simplified }, [input, out]) => {
          const third = Math.floor(input / 3);
          const rates = compileRates(entry.rates);
          const { inputImagePerMtok, inputAudioPerMtok, outputImagePerMtok } = entry.rates;
          const image = inputImagePerMtok === undefined ? 0 : third;
          const audio = inputAudioPerMtok === undefined || image > 0 ? 0 : third;
          const painted = outputImagePerMtok === undefined ? 0 : Math.floor(out / 2);
          const ours = costPicoUsd(
            {
              ...NO_USAGE,
              inputTokens: input,
              cachedTokens: third,
              cacheWriteTokens: third,
              outputTokens: out,
              inputAudioTokens: audio,
              inputImageTokens: image,
              outputImageTokens: painted,
            },
            rates,
          );
          const theirs = calcPrice(
            {
              input_tokens: input,
              cache_read_tokens: third,
              cache_audio_read_tokens: 0,
              cache_image_read_tokens: 0,
              cache_write_tokens: third,
              input_audio_tokens: audio,
              input_image_tokens: image,
              output_image_tokens: painted,
              output_tokens: out,
            },
            model,
            { providerId: provider, timestamp: AT },
          );
          const oursUsd = Number(ours) / 1e12;
          const theirsUsd = theirs?.total_price ?? Number.NaN;
          expect(oursUsd).toBeGreaterThanOrEqual(theirsUsd * (1 - 1e-9));
          if (!simplified) expect(oursUsd).toBeLessThanOrEqual(theirsUsd * (1 + 1e-9) + 1e-11);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("catalogueProviderId", () => {
  test("finds a provider by its base URL", () => {
    expect(catalogueProviderId("https://api.groq.com/openai/v1")).toBe("groq");
    expect(catalogueProviderId("http://127.0.0.1:8000/v1")).toBeNull();
  });
});

test.each([
  ["openai", "gpt-4.1-mini", 1_047_576],
  ["azure", "gpt-4.1", 1_047_576],
  ["google", "gemini-3-flash-preview", 1_048_576],
  ["google", "gemini-2.5-pro", 1_048_576],
  ["google", "gemini-3.1-pro-preview", 1_048_576],
  ["google", "gemini-embedding-001", null],
  ["anthropic", "claude-opus-5", 1_000_000],
  ["openai", "gpt-4o", 128_000],
])("the window of %s's %s is %i tokens", (provider, model, tokens) => {
  expect(cataloguePrice(provider, model, AT)?.contextWindow).toBe(tokens);
  expect(catalogueWindow(provider, model)).toBe(tokens);
});
