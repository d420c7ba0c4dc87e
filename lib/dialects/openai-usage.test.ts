import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { isPartial } from "#lib/dialects/usage";
import { readUsage, usageIn } from "./openai-usage";

describe("readUsage", () => {
  test("reads OpenAI's counts, cached tokens within the input and reasoning within the output", () => {
    expect(
      readUsage({
        prompt_tokens: 100,
        completion_tokens: 377,
        total_tokens: 477,
        prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 320, audio_tokens: 3 },
      }),
    ).toEqual({
      ...NO_USAGE,
      inputTokens: 100,
      cachedTokens: 64,
      outputTokens: 377,
      reasoningTokens: 320,
      outputAudioTokens: 3,
    });
  });

  test("reads what is counted apart: pictures, videos, and cache writes of an hour", () => {
    const usage = readUsage({
      prompt_tokens: 4_000,
      completion_tokens: 1_300,
      prompt_tokens_details: {
        cache_creation_tokens: 900,
        cache_creation_token_details: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 600 },
        image_tokens: 1_000,
        video_tokens: 2_000,
      },
      completion_tokens_details: { image_tokens: 1_290 },
    });
    expect(usage).toEqual({
      ...NO_USAGE,
      inputTokens: 4_000,
      cacheWriteTokens: 900,
      cacheWrite1hTokens: 600,
      inputImageTokens: 1_000,
      inputVideoTokens: 2_000,
      outputTokens: 1_300,
      outputImageTokens: 1_290,
    });
  });

  test("adds reasoning to the output when a provider excludes it, as xAI does", () => {
    const usage = readUsage({
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 334,
      completion_tokens_details: { reasoning_tokens: 320 },
    });
    expect(usage).toMatchObject({ outputTokens: 322, reasoningTokens: 320 });
  });

  test("reads DeepSeek's name for cached tokens", () => {
    expect(readUsage({ prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 8 })).toMatchObject({
      cachedTokens: 8,
    });
  });

  /** The counts that matter, and what they mean: input, output, cached, reasoning. */
  test.each<[string, Record<string, unknown>, [number, number, number, number]]>([
    [
      "a total above its parts is hidden output",
      { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 },
      [20, 603, 0, 0],
    ],
    [
      "a total below its parts lowers nothing",
      { prompt_tokens: 20, completion_tokens: 198, total_tokens: 5 },
      [20, 198, 0, 0],
    ],
    [
      "a total of zero lowers nothing",
      { prompt_tokens: 20, completion_tokens: 198, total_tokens: 0 },
      [20, 198, 0, 0],
    ],
    [
      "Google: thoughts are in the total only",
      {
        prompt_tokens: 29,
        completion_tokens: 15,
        total_tokens: 848,
        completion_tokens_details: { reasoning_tokens: 804 },
      },
      [29, 819, 0, 804],
    ],
    [
      "a part of the reasoning is in the total only",
      {
        prompt_tokens: 20,
        completion_tokens: 198,
        total_tokens: 623,
        completion_tokens_details: { reasoning_tokens: 100 },
      },
      [20, 603, 0, 100],
    ],
    [
      "Anthropic: cached input is counted apart, and in the total",
      {
        prompt_tokens: 20,
        completion_tokens: 198,
        total_tokens: 623,
        prompt_tokens_details: { cached_tokens: 405 },
      },
      [425, 198, 405, 0],
    ],
    [
      "Anthropic: cached input is counted apart, and not in the total",
      {
        prompt_tokens: 20,
        completion_tokens: 198,
        total_tokens: 218,
        cache_read_input_tokens: 400,
        cache_creation_input_tokens: 5,
      },
      [425, 198, 400, 0],
    ],
    [
      "cached input apart, and hidden output",
      {
        prompt_tokens: 20,
        completion_tokens: 198,
        total_tokens: 700,
        prompt_tokens_details: { cached_tokens: 405 },
      },
      [425, 275, 405, 0],
    ],
    [
      "a long prompt with its cached part apart",
      {
        prompt_tokens: 500,
        completion_tokens: 10,
        total_tokens: 915,
        prompt_tokens_details: { cached_tokens: 405 },
      },
      [905, 10, 405, 0],
    ],
    [
      "cached input within the prompt, and hidden output",
      {
        prompt_tokens: 500,
        completion_tokens: 10,
        total_tokens: 910,
        prompt_tokens_details: { cached_tokens: 300 },
      },
      [500, 410, 300, 0],
    ],
    [
      "audio that only the total counts",
      {
        prompt_tokens: 20,
        completion_tokens: 10,
        total_tokens: 130,
        prompt_tokens_details: { audio_tokens: 100 },
      },
      [120, 10, 0, 0],
    ],
    [
      "Moonshot's name for cached tokens",
      { prompt_tokens: 9, completion_tokens: 1, cached_tokens: 8 },
      [9, 1, 8, 0],
    ],
    [
      "Perplexity's place for reasoning",
      { prompt_tokens: 9, completion_tokens: 30, reasoning_tokens: 20 },
      [9, 30, 0, 20],
    ],
    ["input and output by their other names", { input_tokens: 9, output_tokens: 1 }, [9, 1, 0, 0]],
    [
      "explicit zeros are a usage of zero",
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      [0, 0, 0, 0],
    ],
    ["a missing output is the rest of the total", { prompt_tokens: 9, total_tokens: 12 }, [9, 3, 0, 0]],
    [
      "an output of null is the rest of the total",
      { prompt_tokens: 9, completion_tokens: null, total_tokens: 9 },
      [9, 0, 0, 0],
    ],
    ["a missing input is the rest of the total", { completion_tokens: 3, total_tokens: 12 }, [9, 3, 0, 0]],
    ["counts as text", { prompt_tokens: "9", completion_tokens: "3" }, [9, 3, 0, 0]],
    [
      "details of null",
      {
        prompt_tokens: 9,
        completion_tokens: 3,
        prompt_tokens_details: null,
        completion_tokens_details: null,
      },
      [9, 3, 0, 0],
    ],
    [
      "details that are no counts",
      {
        prompt_tokens: 9,
        completion_tokens: 3,
        prompt_tokens_details: { cached_tokens: -1 },
        completion_tokens_details: { reasoning_tokens: "?" },
      },
      [9, 3, 0, 0],
    ],
    [
      "a total that is no count",
      { prompt_tokens: 9, completion_tokens: 3, total_tokens: 1e15 },
      [9, 3, 0, 0],
    ],
  ])("%s", (_, counts, [inputTokens, outputTokens, cachedTokens, reasoningTokens]) => {
    expect(readUsage(counts)).toMatchObject({ inputTokens, outputTokens, cachedTokens, reasoningTokens });
  });

  test.each([
    [null],
    [undefined],
    ["12"],
    [[]],
    [{}],
    [{ prompt_tokens: null, completion_tokens: null, total_tokens: null }],
    [{ prompt_tokens: -1, completion_tokens: 1.5, total_tokens: "many" }],
    [{ completion_tokens_details: { reasoning_tokens: 9 } }],
  ])("returns null for %j, which has no count", (value) => {
    expect(readUsage(value)).toBeNull();
  });

  test.each([
    [{ prompt_tokens: 9 }, [9, null, null]],
    [{ completion_tokens: 9 }, [null, 9, null]],
    [{ total_tokens: 9 }, [null, null, 9]],
    [{ prompt_tokens: 9, total_tokens: 5 }, [9, null, 5]],
    [{ prompt_tokens: -1, completion_tokens: 2 }, [null, 2, null]],
    [{ prompt_tokens: 1, completion_tokens: -2 }, [1, null, null]],
    [{ prompt_tokens: 1.5, completion_tokens: 2 }, [null, 2, null]],
    [{ prompt_tokens: 1, completion_tokens: "many" }, [1, null, null]],
    [{ prompt_tokens: 1, completion_tokens: "" }, [1, null, null]],
    [{ prompt_tokens: 1, completion_tokens: true }, [1, null, null]],
    [{ prompt_tokens: 1, completion_tokens: 1e9 }, [1, null, null]],
    [{ prompt_tokens: 1, completion_tokens: "99999999999999999999" }, [1, null, null]],
  ])("keeps the plausible counts of %j, which estimates complete", (value, [input, output, total]) => {
    expect(readUsage(value)).toMatchObject({ counts: { input, output, total } });
  });

  test("a total of zero is a usage of zero", () => {
    expect(readUsage({ total_tokens: 0 })).toMatchObject({ inputTokens: 0, outputTokens: 0 });
  });

  test("is never below what is reported, and never negative", () => {
    const count = fc.option(fc.oneof(fc.nat(2_000), fc.nat()), { nil: undefined });
    const details = (name: string) =>
      fc.option(fc.record({ [name]: count, audio_tokens: count }), { nil: undefined });
    const reported = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: details("cached_tokens"),
      completion_tokens_details: details("reasoning_tokens"),
    });
    fc.assert(
      fc.property(reported, (counts) => {
        const usage = readUsage(counts);
        if (usage === null || isPartial(usage)) return;
        expect(usage.inputTokens).toBeGreaterThanOrEqual(plausible(counts.prompt_tokens));
        expect(usage.outputTokens).toBeGreaterThanOrEqual(plausible(counts.completion_tokens));
        expect(usage.inputTokens + usage.outputTokens).toBeGreaterThanOrEqual(plausible(counts.total_tokens));
        expect(Object.values(usage).every((tokens) => Number.isSafeInteger(tokens) && tokens >= 0)).toBe(
          true,
        );
      }),
    );
  });
});

const plausible = (tokens = 0) => (tokens <= 100_000_000 ? tokens : 0);

describe("usageIn", () => {
  const usage = { prompt_tokens: 9, completion_tokens: 3 };
  test.each([
    ["at the top", { usage, choices: [] }],
    ["in the choice, as Moonshot does", { usage: null, choices: [{ index: 0, delta: {}, usage }] }],
    ["in another choice", { choices: [{ index: 0 }, { index: 1, usage }] }],
    ["in x_groq", { choices: [], x_groq: { id: "req_1", usage } }],
    ["at the top, beside an empty one in x_groq", { usage, x_groq: { usage: null } }],
    [
      "in x_groq, beside zeros at the top",
      { usage: { prompt_tokens: 0, completion_tokens: 0 }, x_groq: { usage } },
    ],
    [
      "in parts",
      { usage: { prompt_tokens: 9 }, choices: [{ usage: { completion_tokens: 3 } }], x_groq: { usage: {} } },
    ],
  ])("finds the usage %s", (_, body) => {
    expect(usageIn(body)).toMatchObject({ inputTokens: 9, outputTokens: 3 });
  });

  const search = { type: "web_search_call", status: "completed", action: { type: "search", query: "q" } };
  const opened = { type: "web_search_call", status: "completed", action: { type: "open_page", url: "u" } };
  test.each([
    ["OpenAI's, beside the usage", { usage, output: [], tool_usage: { web_search: { num_requests: 2 } } }],
    ["those in the output, if there is no count", { usage, output: [search, opened, search] }],
    ["OpenRouter's", { usage: { ...usage, server_tool_use: { web_search_requests: 2 } } }],
    ["xAI's", { usage: { ...usage, server_side_tool_usage_details: { web_search_calls: 2 } } }],
    ["Perplexity's", { usage: { ...usage, num_search_queries: 2 } }],
  ])("counts searches: %s", (_, body) => {
    expect(usageIn(body)).toMatchObject({ inputTokens: 9, outputTokens: 3, webSearches: 2 });
  });

  test("counts no searches in what is none", () => {
    const tools = { web_search: { num_requests: "many" } };
    expect(usageIn({ usage, output: [opened], tool_usage: tools })).toMatchObject({ webSearches: 0 });
    const none = { web_search: { num_requests: 0 } };
    expect(usageIn({ usage, output: [search], tool_usage: none })).toMatchObject({ webSearches: 0 });
    expect(usageIn({ tool_usage: { web_search: { num_requests: 2 } } })).toBeNull();
  });

  test.each([[{ choices: [] }], [null], [[]], ["usage"], [{ usage: "x", choices: "y", x_groq: 1 }]])(
    "returns null for %j",
    (body) => {
      expect(usageIn(body)).toBeNull();
    },
  );
});
