import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { litellmEntry, perMtok } from "./litellm-entry";

const base = { input_cost_per_token: 2.5e-6, output_cost_per_token: 1e-5, mode: "chat" };
const rates = { inputPerMtok: "2.5", outputPerMtok: "10" };
const ratesOf = (entry: object, model = "m") => {
  const read = litellmEntry(model, entry);
  return "rates" in read ? read.rates : read.reason;
};

describe("an entry of LiteLLM's catalogue", () => {
  test("has rates per million tokens, and limits", () => {
    expect(
      litellmEntry("gpt-4o", {
        ...base,
        cache_read_input_token_cost: 4.6875e-9,
        cache_creation_input_token_cost: 3.125e-6,
        input_cost_per_audio_token: 4e-5,
        output_cost_per_audio_token: 8e-5,
        max_input_tokens: 128_000,
        max_output_tokens: 16_384,
        litellm_provider: "openai",
        supports_vision: true,
      }),
    ).toEqual({
      rates: {
        ...rates,
        cacheReadPerMtok: "0.0046875",
        cacheWritePerMtok: "3.125",
        inputAudioPerMtok: "40",
        outputAudioPerMtok: "80",
      },
      contextWindow: 128_000,
      maxOutputTokens: 16_384,
    });
  });

  test("completes each tier with the rates of the tier below", () => {
    const entry = {
      ...base,
      cache_read_input_token_cost: 2.5e-7,
      output_cost_per_token_above_200k_tokens: 1.5e-5,
      input_cost_per_token_above_128k_tokens: 5e-6,
      cache_read_input_token_cost_above_200k_tokens: 5e-7,
    };
    expect(ratesOf(entry)).toEqual({
      ...rates,
      cacheReadPerMtok: "0.25",
      tiers: [
        { aboveInputTokens: 128_000, inputPerMtok: "5", outputPerMtok: "10", cacheReadPerMtok: "0.25" },
        { aboveInputTokens: 200_000, inputPerMtok: "5", outputPerMtok: "15", cacheReadPerMtok: "0.5" },
      ],
    });
  });

  test("has its tiers from their start on at xAI, which bills so", () => {
    const entry = { ...base, input_cost_per_token_above_200k_tokens: 5e-6 };
    const tier = { ...rates, inputPerMtok: "5" };
    expect(ratesOf(entry, "xai/grok-4.5")).toEqual({
      ...rates,
      tiers: [{ aboveInputTokens: 199_999, ...tier }],
    });
    expect(ratesOf(entry, "gemini/gemini-2.5-pro")).toEqual({
      ...rates,
      tiers: [{ aboveInputTokens: 200_000, ...tier }],
    });
  });

  test("is read without prices that do not apply to Tollgate", () => {
    const entry = {
      ...base,
      input_cost_per_token_batches: 1e-6,
      output_cost_per_token_flex: 1e-6,
      input_cost_per_token_priority: 9e-6,
      input_dbu_cost_per_token: 1e-5,
      code_interpreter_cost_per_session: 0.03,
      input_cost_per_image: 0,
    };
    expect(ratesOf(entry)).toEqual(rates);
  });

  test("has a rate for a search: that of the most expensive context", () => {
    const costs = (entry: object) => ratesOf({ ...base, search_context_cost_per_query: entry });
    const all = {
      search_context_size_low: 0.025,
      search_context_size_medium: 0.0275,
      search_context_size_high: 0.03,
    };
    expect(costs(all)).toEqual({ ...rates, webSearchPerCall: "0.03" });
    expect(costs({ search_context_size_medium: 0.01 })).toEqual({ ...rates, webSearchPerCall: "0.01" });
    expect(costs({})).toEqual(rates);
    expect(costs({ search_context_size_medium: "0.01" })).toEqual(rates);
  });

  test("tells cache writes of five minutes and of an hour apart, and reads an older name", () => {
    const entry = {
      ...base,
      cache_creation_input_token_cost_above_1hr: 6e-6,
      cache_creation_input_token_cost: 3.75e-6,
      input_cost_per_token_cache_hit: 3e-7,
    };
    expect(ratesOf(entry)).toEqual({
      ...rates,
      cacheReadPerMtok: "0.3",
      cacheWritePerMtok: "3.75",
      cacheWrite1hPerMtok: "6",
    });
  });

  test("has rates for pictures, video and reasoning of their own, with tiers", () => {
    const entry = {
      ...base,
      input_cost_per_image_token: 8e-6,
      input_cost_per_video_token: 1.2e-5,
      output_cost_per_image_token: 3.2e-5,
      output_cost_per_image: 0.039,
      output_cost_per_reasoning_token: 3.5e-5,
      output_cost_per_image_token_above_200k_tokens: 6e-5,
    };
    const media = { inputImagePerMtok: "8", inputVideoPerMtok: "12", reasoningPerMtok: "35" };
    expect(ratesOf(entry)).toEqual({
      ...rates,
      ...media,
      outputImagePerMtok: "32",
      tiers: [{ aboveInputTokens: 200_000, ...rates, ...media, outputImagePerMtok: "60" }],
    });
  });

  test("may be free, and needs no output rate for an embedding model", () => {
    expect(ratesOf({ input_cost_per_token: 0, output_cost_per_token: 0 })).toEqual({
      inputPerMtok: "0",
      outputPerMtok: "0",
    });
    expect(ratesOf({ input_cost_per_token: 2e-8, mode: "embedding" })).toEqual({
      inputPerMtok: "0.02",
      outputPerMtok: "0",
    });
  });

  test.each([
    [{ ...base, input_cost_per_image: 0.0025 }, "input_cost_per_image"],
    [{ ...base, output_cost_per_second: 0.1 }, "output_cost_per_second"],
    [{ ...base, input_cost_per_request: 0.005 }, "input_cost_per_request"],
    [{ ...base, a_new_cost_of_theirs: 1 }, "a_new_cost_of_theirs"],
    [{ ...base, cache_read_input_image_token_cost: 1e-7 }, "cache_read_input_image_token_cost"],
    [{ ...base, cache_creation_input_audio_token_cost: 1e-5 }, "cache_creation_input_audio_token_cost"],
    [{ ...base, input_cost_per_token: "2.5e-6" }, "not a valid rate"],
    [{ ...base, input_cost_per_token: -1 }, "not a valid rate"],
    [{ ...base, input_cost_per_token: Number.POSITIVE_INFINITY }, "not a valid rate"],
    [{ ...base, input_cost_per_token: 1e30 }, "too many digits"],
    [{ ...base, input_cost_per_token: 1e-40 }, "too many digits"],
    [{ input_cost_per_token: 1e-6, mode: "chat" }, "no output_cost_per_token"],
    [{ mode: "image_generation", output_cost_per_image: 0.04 }, "output_cost_per_image"],
    [{ mode: "chat" }, "no input_cost_per_token"],
  ])("is skipped with a reason: %j", (entry, reason) => {
    expect(ratesOf(entry)).toContain(reason);
  });

  test("is skipped if the model always bills searches, or has audio without a rate", () => {
    for (const model of [
      "gpt-4o-search-preview",
      "openrouter/perplexity/sonar",
      "xai/grok-4.20-multi-agent-0309",
      "groq/compound-mini",
      "openrouter/openai/gpt-4o:online",
    ])
      expect(ratesOf(base, model)).toContain("searches");
    expect(ratesOf(base, "nvidia/composite-sonar2x")).toEqual(rates);
    expect(
      ratesOf(
        { ...base, litellm_provider: "perplexity", search_context_cost_per_query: {} },
        "perplexity/sonar",
      ),
    ).toContain("searches");
    expect(ratesOf(base, "gpt-4o-audio-preview")).toContain("audio");
    expect(litellmEntry("x", "text")).toEqual({ reason: "is not an object" });
  });

  test("accepts rates that other kinds already charge", () => {
    const audio = { input_cost_per_audio_token: 1e-4, cache_creation_input_audio_token_cost: 2e-5 };
    expect(ratesOf({ ...base, ...audio })).toEqual({ ...rates, inputAudioPerMtok: "100" });
    const image = { input_cost_per_image_token: 1e-5, cache_read_input_image_token_cost: 2.5e-6 };
    expect(ratesOf({ ...base, ...image })).toEqual({ ...rates, inputImagePerMtok: "10" });
  });

  test("is read without invalid limits", () => {
    const limits = { max_input_tokens: "128k", max_output_tokens: -1 };
    expect(litellmEntry("m", { ...base, ...limits })).toMatchObject({
      contextWindow: null,
      maxOutputTokens: null,
    });
  });
});

describe("a rate per million tokens", () => {
  test("is the file's decimal with its point moved, exactly", () => {
    const decimal = fc.record({
      digits: fc.bigInt({ min: 0n, max: 999_999_999_999_999n }),
      scale: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(decimal, ({ digits, scale }) => {
        // As a file may spell it and JSON reads it.
        const number: unknown = JSON.parse(`${digits}e-${scale}`);
        if (typeof number !== "number") throw new Error("no number");
        const [whole = "", fraction = ""] = perMtok(number).split(".");
        expect(fraction).not.toMatch(/0$/);
        const difference =
          BigInt(whole + fraction) * 10n ** BigInt(scale) - digits * 10n ** BigInt(6 + fraction.length);
        expect(difference).toBe(0n);
      }),
    );
  });

  test.each([
    [3e-5, "30"],
    [2.5e-6, "2.5"],
    [1.5e-7, "0.15"],
    [4.6875e-9, "0.0046875"],
    [0, "0"],
    [1, "1000000"],
  ])("of %d per token is %s", (perToken, text) => {
    expect(perMtok(perToken)).toBe(text);
  });
});
