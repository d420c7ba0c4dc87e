import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { completedUsage } from "./partial-usage";
import { isPartial, laterUsage, NO_COUNTS, type ReportedCounts, usageOfCounts } from "./usage";

const ESTIMATE: Usage = { ...NO_USAGE, inputTokens: 12, outputTokens: 30 };

function completed(counts: Partial<ReportedCounts>, estimate = ESTIMATE): Usage {
  const reported = usageOfCounts({ ...NO_COUNTS, ...counts });
  return reported === null ? estimate : completedUsage(reported, estimate);
}

test.each<[string, Partial<ReportedCounts>, [number, number]]>([
  ["the input alone: the output is estimated", { input: 20 }, [20, 30]],
  ["the output alone: the input is estimated", { output: 7 }, [12, 7]],
  ["the total alone: the rest of the estimated input is output", { total: 50 }, [12, 38]],
  ["a total below the estimated input: all of it is input", { total: 5 }, [5, 0]],
  ["an input of zero is zero", { input: 0 }, [0, 30]],
  ["an output of zero is zero", { output: 0 }, [12, 0]],
  ["a total of zero is zero", { total: 0 }, [0, 0]],
  ["a total below its part is no total", { input: 20, total: 5 }, [20, 30]],
  ["the reasoning is the least of the output", { input: 20, reasoning: 100 }, [20, 100]],
  ["the cached input is the least of the input", { output: 7, cached: 100 }, [100, 7]],
  ["nothing", {}, [12, 30]],
])("%s", (_, counts, [inputTokens, outputTokens]) => {
  expect(completed(counts)).toMatchObject({ inputTokens, outputTokens });
});

test("an estimate of sound is kept", () => {
  const sound = { ...ESTIMATE, inputAudioTokens: 10, outputAudioTokens: 5 };
  expect(completed({ output: 3 }, sound)).toMatchObject({ inputAudioTokens: 10, outputAudioTokens: 3 });
});

test("parts that are reported one after the other make a whole", () => {
  const first = usageOfCounts({ ...NO_COUNTS, input: 20, output: 1 });
  const start = usageOfCounts({ ...NO_COUNTS, input: 20, cached: 8 });
  const end = usageOfCounts({ ...NO_COUNTS, output: 198 });
  for (const earlier of [first, start]) {
    expect(laterUsage(earlier, end)).toMatchObject({ inputTokens: 20, outputTokens: 198 });
    expect(laterUsage(end, earlier)).toMatchObject({ inputTokens: 20, outputTokens: 198 });
  }
  const total = usageOfCounts({ ...NO_COUNTS, total: 623 });
  expect(laterUsage(start, total)).toMatchObject({ inputTokens: 20, outputTokens: 603, cachedTokens: 8 });
});

test("no count is negative, reported counts stay, and a total alone is neither exceeded nor lost", () => {
  const count = fc.option(fc.nat(2_000), { nil: null });
  const tokens = fc.nat(2_000);
  const counts = fc.record({
    input: count,
    output: count,
    total: count,
    cached: count,
    cacheWrite: count,
    reasoning: count,
    inputAudio: count,
    outputAudio: count,
  });
  const estimate = fc.record({
    inputTokens: tokens,
    outputTokens: tokens,
    inputAudioTokens: tokens,
    outputAudioTokens: tokens,
  });
  fc.assert(
    fc.property(counts, estimate, (given, estimated) => {
      const reported = usageOfCounts({ ...NO_COUNTS, ...given });
      if (reported === null || !isPartial(reported)) return;
      const usage = completedUsage(reported, { ...NO_USAGE, ...estimated });
      expect(Object.values(usage).every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
      expect(usage.inputAudioTokens).toBeLessThanOrEqual(usage.inputTokens);
      expect(usage.outputAudioTokens).toBeLessThanOrEqual(usage.outputTokens);
      const { input, output, total } = given;
      if (input !== null) expect(usage.inputTokens).toBeGreaterThanOrEqual(input);
      if (output !== null) expect(usage.outputTokens).toBeGreaterThanOrEqual(output);
      if (input === null && output === null) expect(usage.inputTokens + usage.outputTokens).toBe(total);
    }),
    { numRuns: 1_000 },
  );
});
