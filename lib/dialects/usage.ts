import type { Usage } from "#lib/credit/prices/meters";

/** Counts as a provider reports them; null for one that it does not report. */
export type ReportedCounts = {
  input: number | null;
  output: number | null;
  total: number | null;
  cached: number | null;
  cacheWrite: number | null;
  /** Those of the cache writes that are to last an hour. */
  cacheWrite1h: number | null;
  reasoning: number | null;
  inputAudio: number | null;
  inputImage: number | null;
  inputVideo: number | null;
  outputAudio: number | null;
  outputImage: number | null;
  webSearches: number | null;
};

/** Nothing is reported. */
export const NO_COUNTS: ReportedCounts = {
  input: null,
  output: null,
  total: null,
  cached: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
  inputAudio: null,
  inputImage: null,
  inputVideo: null,
  outputAudio: null,
  outputImage: null,
  webSearches: null,
};

/** A report that leaves out the input, the output or both. */
export type PartialUsage = {
  counts: ReportedCounts;
  /** About how much of the input was read, if some certainly was not: 0 to 1. Absent: all. */
  inputShare?: number;
};

/** What a provider reports to bill. */
export type ReportedUsage = Usage | PartialUsage;

export const isPartial = (usage: ReportedUsage): usage is PartialUsage => "counts" in usage;

/** More than any request can use: such a count is an error of the provider's. */
const MOST_TOKENS = 100_000_000;

/**
 * A count of tokens: a whole number, also as text.
 * @returns null for what is missing or is no count
 */
export function tokenCount(value: unknown): number | null {
  const number = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= MOST_TOKENS
    ? number
    : null;
}

/**
 * The usage that counts mean. A total above its parts shows what they leave out: cached input or input audio if
 * that is just as much, else output that the client does not see, such as reasoning (xAI, Google). Counts are only
 * ever raised by it.
 * @returns a partial usage if the input or the output is missing, so that estimates complete it (partial-usage.ts); null
 * without any count; counts of zero are a usage of zero
 */
export function usageOfCounts(counts: ReportedCounts): ReportedUsage | null {
  const { total } = counts;
  const input = counts.input ?? without(total, counts.output ?? (total === 0 ? 0 : null));
  const output = counts.output ?? without(total, counts.input ?? (total === 0 ? 0 : null));
  if (input !== null && output !== null) return wholeUsage(counts, input, output);
  return input === null && output === null && total === null ? null : { counts };
}

/** The usage that counts mean with this input and output. */
export function wholeUsage(counts: ReportedCounts, input: number, output: number): Usage {
  const { total } = counts;
  const reasoning = counts.reasoning ?? 0;
  const leftOut = leftOutOf(counts, input, Math.max(0, (total ?? 0) - input - output));
  const allOutput = output + leftOut.output;
  return {
    inputTokens: input + leftOut.input,
    cachedTokens: counts.cached ?? 0,
    cacheWriteTokens: counts.cacheWrite ?? 0,
    cacheWrite1hTokens: counts.cacheWrite1h ?? 0,
    // Reasoning is part of the output: if there is more of it, the provider counts it apart.
    outputTokens: reasoning > allOutput ? allOutput + reasoning : allOutput,
    reasoningTokens: reasoning,
    inputAudioTokens: counts.inputAudio ?? 0,
    inputImageTokens: counts.inputImage ?? 0,
    inputVideoTokens: counts.inputVideo ?? 0,
    outputAudioTokens: counts.outputAudio ?? 0,
    outputImageTokens: counts.outputImage ?? 0,
    webSearches: counts.webSearches ?? 0,
  };
}

/**
 * A provider that reports several times counts from the start each time, but may leave out parts: the larger count
 * is the later one.
 */
export function laterUsage(earlier: ReportedUsage | null, later: ReportedUsage | null): ReportedUsage | null {
  if (earlier === null || later === null) return later ?? earlier;
  if (isPartial(earlier) || isPartial(later))
    return usageOfCounts(laterCounts(countsOf(earlier), countsOf(later)));
  return {
    inputTokens: Math.max(earlier.inputTokens, later.inputTokens),
    cachedTokens: Math.max(earlier.cachedTokens, later.cachedTokens),
    cacheWriteTokens: Math.max(earlier.cacheWriteTokens, later.cacheWriteTokens),
    cacheWrite1hTokens: Math.max(earlier.cacheWrite1hTokens, later.cacheWrite1hTokens),
    outputTokens: Math.max(earlier.outputTokens, later.outputTokens),
    reasoningTokens: Math.max(earlier.reasoningTokens, later.reasoningTokens),
    inputAudioTokens: Math.max(earlier.inputAudioTokens, later.inputAudioTokens),
    inputImageTokens: Math.max(earlier.inputImageTokens, later.inputImageTokens),
    inputVideoTokens: Math.max(earlier.inputVideoTokens, later.inputVideoTokens),
    outputAudioTokens: Math.max(earlier.outputAudioTokens, later.outputAudioTokens),
    outputImageTokens: Math.max(earlier.outputImageTokens, later.outputImageTokens),
    webSearches: Math.max(earlier.webSearches, later.webSearches),
  };
}

/** What several answers to different inputs have used. */
export function addedUsage(one: Usage, other: Usage): Usage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    cacheWrite1hTokens: one.cacheWrite1hTokens + other.cacheWrite1hTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    inputAudioTokens: one.inputAudioTokens + other.inputAudioTokens,
    inputImageTokens: one.inputImageTokens + other.inputImageTokens,
    inputVideoTokens: one.inputVideoTokens + other.inputVideoTokens,
    outputAudioTokens: one.outputAudioTokens + other.outputAudioTokens,
    outputImageTokens: one.outputImageTokens + other.outputImageTokens,
    webSearches: one.webSearches + other.webSearches,
  };
}

/** A report with at least so many searches. */
export function withWebSearches(usage: ReportedUsage, webSearches: number): ReportedUsage {
  if (isPartial(usage)) {
    const counted = larger(usage.counts.webSearches, webSearches);
    return { counts: { ...usage.counts, webSearches: counted } };
  }
  return { ...usage, webSearches: Math.max(usage.webSearches, webSearches) };
}

/** The usage of several answers to one input, of which each is reported apart: the outputs add up. */
export function sumOfAnswers(usages: readonly ReportedUsage[]): ReportedUsage | null {
  const [first, ...others] = usages;
  return others.reduce<ReportedUsage | null>(
    (sum, usage) => (sum === null ? usage : ofBoth(sum, usage)),
    first ?? null,
  );
}

function ofBoth(one: ReportedUsage, other: ReportedUsage): ReportedUsage | null {
  const [a, b] = [countsOf(one), countsOf(other)];
  return usageOfCounts({
    ...laterCounts(a, b),
    output: added(a.output, b.output),
    total: a.output === null && b.output === null ? added(a.total, b.total) : null,
    reasoning: added(a.reasoning, b.reasoning),
    outputAudio: added(a.outputAudio, b.outputAudio),
    outputImage: added(a.outputImage, b.outputImage),
  });
}

const added = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : a + b;

/** The output that is reported; 0 if it is not. */
export const outputOf = (usage: ReportedUsage): number =>
  isPartial(usage) ? (usage.counts.output ?? 0) : usage.outputTokens;

/** A report without what it says about the output. */
export function inputOf(usage: ReportedUsage): ReportedUsage | null {
  const counts = countsOf(usage);
  return usageOfCounts({
    ...counts,
    output: null,
    total: null,
    reasoning: null,
    outputAudio: null,
    outputImage: null,
  });
}

/** Some providers report the input at the beginning and the output at the end. */
function laterCounts(earlier: ReportedCounts, later: ReportedCounts): ReportedCounts {
  return {
    input: larger(earlier.input, later.input),
    output: larger(earlier.output, later.output),
    total: larger(earlier.total, later.total),
    cached: larger(earlier.cached, later.cached),
    cacheWrite: larger(earlier.cacheWrite, later.cacheWrite),
    cacheWrite1h: larger(earlier.cacheWrite1h, later.cacheWrite1h),
    reasoning: larger(earlier.reasoning, later.reasoning),
    inputAudio: larger(earlier.inputAudio, later.inputAudio),
    inputImage: larger(earlier.inputImage, later.inputImage),
    inputVideo: larger(earlier.inputVideo, later.inputVideo),
    outputAudio: larger(earlier.outputAudio, later.outputAudio),
    outputImage: larger(earlier.outputImage, later.outputImage),
    webSearches: larger(earlier.webSearches, later.webSearches),
  };
}

const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

function countsOf(usage: ReportedUsage): ReportedCounts {
  if (isPartial(usage)) return usage.counts;
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    total: null,
    cached: usage.cachedTokens,
    cacheWrite: usage.cacheWriteTokens,
    cacheWrite1h: usage.cacheWrite1hTokens,
    reasoning: usage.reasoningTokens,
    inputAudio: usage.inputAudioTokens,
    inputImage: usage.inputImageTokens,
    inputVideo: usage.inputVideoTokens,
    outputAudio: usage.outputAudioTokens,
    outputImage: usage.outputImageTokens,
    webSearches: usage.webSearches,
  };
}

/** What the total has and neither the input nor the output counts. */
function leftOutOf(counts: ReportedCounts, input: number, extra: number): { input: number; output: number } {
  const cached = counts.cached ?? 0;
  const cacheWrite = counts.cacheWrite ?? 0;
  const cache = cached + cacheWrite;
  // Cached tokens are part of the input: if there are more of them, the provider counts them apart, as Anthropic does.
  if (cache > input) return { input: cache, output: extra >= cache ? extra - cache : extra };
  const reasoning = counts.reasoning ?? 0;
  if (extra === reasoning) return { input: 0, output: extra };
  for (const part of [cache, cached, cacheWrite, counts.inputAudio ?? 0]) {
    if (part > 0 && (extra === part || extra === part + reasoning)) {
      return { input: part, output: extra - part };
    }
  }
  return { input: 0, output: extra };
}

function without(total: number | null, part: number | null): number | null {
  return total === null || part === null || total < part ? null : total - part;
}
