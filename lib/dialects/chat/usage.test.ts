import { describe, expect, test } from "vitest";
import { readUsage } from "./usage";

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
      inputTokens: 100,
      cachedTokens: 64,
      cacheWriteTokens: 0,
      outputTokens: 377,
      reasoningTokens: 320,
      inputAudioTokens: 0,
      outputAudioTokens: 3,
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

  test.each([
    [null],
    [undefined],
    ["12"],
    [{ prompt_tokens: -1, completion_tokens: 2 }],
    [{ prompt_tokens: 1.5 }],
    [{}],
    [{ prompt_tokens: 0, completion_tokens: 0 }],
  ])("returns null for %j, which is not a count", (value) => {
    expect(readUsage(value)).toBeNull();
  });
});
