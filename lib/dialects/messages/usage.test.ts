import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CACHED_USAGE, COMPACTED_USAGE } from "./testing/played-message";
import { laterReport, messagesUsage } from "./usage";

describe("the usage of a message", () => {
  test("counts what is read from a cache and written to one within the input, by how long it lasts", () => {
    expect(messagesUsage(CACHED_USAGE)).toMatchObject({
      inputTokens: 53_100,
      cachedTokens: 50_000,
      cacheWriteTokens: 3_000,
      cacheWrite1hTokens: 1_000,
      outputTokens: 400,
    });
  });

  test("takes cache writes that are not split for writes of five minutes", () => {
    const usage = messagesUsage({ input_tokens: 1, cache_creation_input_tokens: 9, output_tokens: 2 });
    expect(usage).toMatchObject({ inputTokens: 10, cacheWriteTokens: 9, cacheWrite1hTokens: 0 });
  });

  test("adds up the iterations, which the top leaves out", () => {
    expect(messagesUsage(COMPACTED_USAGE)).toMatchObject({ inputTokens: 61_067, outputTokens: 1_912 });
  });

  test("never counts less with iterations than without", () => {
    const count = fc.nat(100_000);
    const counts = fc.record({
      input_tokens: count,
      output_tokens: count,
      cache_read_input_tokens: count,
      cache_creation_input_tokens: count,
    });
    fc.assert(
      fc.property(counts, fc.array(counts, { maxLength: 4 }), (top, iterations) => {
        const [without, all] = [messagesUsage(top), messagesUsage({ ...top, iterations })];
        if (without === null || all === null || "counts" in without || "counts" in all)
          throw new Error("a whole usage is expected");
        expect(all.inputTokens).toBeGreaterThanOrEqual(without.inputTokens);
        expect(all.outputTokens).toBeGreaterThanOrEqual(without.outputTokens);
        expect(all.inputTokens - all.cachedTokens - all.cacheWriteTokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("counts the searches that Anthropic has made", () => {
    const usage = { input_tokens: 15_665, output_tokens: 443, server_tool_use: { web_search_requests: 2 } };
    expect(messagesUsage(usage)).toMatchObject({ inputTokens: 15_665, webSearches: 2 });
    expect(messagesUsage({ ...usage, server_tool_use: null })).toMatchObject({ webSearches: 0 });
  });

  test("counts thinking as part of the output", () => {
    const usage = { input_tokens: 1, output_tokens: 50, output_tokens_details: { thinking_tokens: 40 } };
    expect(messagesUsage(usage)).toMatchObject({ outputTokens: 50, reasoningTokens: 40 });
  });

  test.each([[null], [undefined], ["5"], [{}], [{ input_tokens: -1 }], [{ output_tokens: 1e12 }]])(
    "is null without a plausible count: %j",
    (usage) => expect(messagesUsage(usage)).toBeNull(),
  );

  test("is partial without its input or its output", () => {
    expect(messagesUsage({ output_tokens: 5 })).toMatchObject({ counts: { input: null, output: 5 } });
    expect(messagesUsage({ input_tokens: 5 })).toMatchObject({ counts: { input: 5, output: null } });
  });
});

describe("a later report", () => {
  const start = { input_tokens: 43, cache_read_input_tokens: 100, output_tokens: 1 };

  test("replaces what it names and keeps the rest", () => {
    const delta = { input_tokens: 61, cache_read_input_tokens: null, output_tokens: 2 };
    expect(messagesUsage(laterReport(start, delta))).toMatchObject({ inputTokens: 161, outputTokens: 2 });
    expect(messagesUsage(laterReport(start, { output_tokens: 15 }))).toMatchObject({
      inputTokens: 143,
      outputTokens: 15,
    });
  });

  test("may be the first to tell writes of an hour", () => {
    const delta = { cache_creation_input_tokens: 30, cache_creation: { ephemeral_1h_input_tokens: 30 } };
    expect(messagesUsage(laterReport(start, delta))).toMatchObject({ cacheWrite1hTokens: 30 });
  });

  test("that is no object changes nothing", () => {
    expect(laterReport(start, "5")).toBe(start);
  });

  test("keeps the input that was reported if the last report has zeros for it", () => {
    const start = { input_tokens: 20, cache_creation_input_tokens: 30, cache_read_input_tokens: 40 };
    const zeros = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    expect(messagesUsage(laterReport(start, { ...zeros, output_tokens: 5 }))).toMatchObject({
      inputTokens: 90,
      cachedTokens: 40,
      cacheWriteTokens: 30,
      outputTokens: 5,
    });
    // All of it was read from a cache after all, and nothing at all was billed.
    const cached = { ...zeros, cache_read_input_tokens: 90, output_tokens: 5 };
    expect(messagesUsage(laterReport(start, cached))).toMatchObject({ inputTokens: 90, cachedTokens: 90 });
    expect(messagesUsage(laterReport(start, { ...zeros, output_tokens: 0 }))).toMatchObject({
      inputTokens: 0,
    });
    expect(laterReport(null, null)).toBeNull();
  });
});
