import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { NO_COUNTS, type ReportedUsage, tokenCount, usageOfCounts } from "#lib/dialects/usage";

/** Of a report with more counts, the later ones replace what it has, and add nothing. */
const MOST_COUNTS = 100;
/** More iterations than any answer has are not summed. */
const MOST_ITERATIONS = 10_000;

const INPUT_COUNTS = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];

/**
 * What a stream has reported so far. Reports count from the start, and a later one replaces what it names and keeps
 * the rest: the last may have the output alone (platform.claude.com/docs/en/build-with-claude/streaming), for which some
 * servers write an input of zero.
 */
export function laterReport(earlier: JsonObject | null, later: unknown): JsonObject | null {
  if (!isObject(later)) return earlier;
  const isOfInput = INPUT_COUNTS.some((name) => (tokenCount(later[name]) ?? 0) > 0);
  const isOfOutput = !isOfInput && (tokenCount(later.output_tokens) ?? 0) > 0;
  if (earlier === null && !isOfOutput && !Object.values(later).includes(null)) return later;
  const isFull = earlier !== null && Object.keys(earlier).length >= MOST_COUNTS;
  const given = Object.entries(later).filter(
    ([name, value]) =>
      value !== null &&
      !(isOfOutput && INPUT_COUNTS.includes(name)) &&
      !(isFull && !Object.hasOwn(earlier, name)),
  );
  return { ...earlier, ...Object.fromEntries(given) };
}

/**
 * Reads the `usage` of a message. Anthropic counts what it reads from a cache and writes to one apart from the input,
 * and at the top only iterations of the message itself: those of a compaction or an advisor are billed, too.
 * @param seenSearches what counts if it does not count searches
 * @returns a partial usage without the input or the output; null without any count
 */
export function messagesUsage(usage: unknown, seenSearches = 0): ReportedUsage | null {
  if (!isObject(usage)) return null;
  const top = countsIn(usage);
  const all = withIterations(top, usage.iterations);
  const { output_tokens_details: details, server_tool_use: tools } = usage;
  return usageOfCounts({
    ...NO_COUNTS,
    input: all.input === null ? null : all.input + all.cached + all.written,
    output: all.output,
    cached: all.cached,
    cacheWrite: all.written,
    cacheWrite1h: all.written1h,
    reasoning: isObject(details) ? tokenCount(details.thinking_tokens) : null,
    webSearches: (isObject(tools) ? tokenCount(tools.web_search_requests) : null) ?? seenSearches,
  });
}

type Counts = {
  /** Null if it is not reported. */
  input: number | null;
  output: number | null;
  cached: number;
  /** All cache writes. Without `cache_creation` they are for five minutes. */
  written: number;
  written1h: number;
};

function countsIn(usage: JsonObject): Counts {
  const { cache_creation: split } = usage;
  const written1h = isObject(split) ? (tokenCount(split.ephemeral_1h_input_tokens) ?? 0) : 0;
  const written5m = isObject(split) ? (tokenCount(split.ephemeral_5m_input_tokens) ?? 0) : 0;
  return {
    input: tokenCount(usage.input_tokens),
    output: tokenCount(usage.output_tokens),
    cached: tokenCount(usage.cache_read_input_tokens) ?? 0,
    written: Math.max(tokenCount(usage.cache_creation_input_tokens) ?? 0, written5m + written1h),
    written1h,
  };
}

/** The sum over all iterations; the top's own count where that is larger. */
function withIterations(top: Counts, iterations: unknown): Counts {
  if (!Array.isArray(iterations) || iterations.length === 0 || iterations.length > MOST_ITERATIONS)
    return top;
  const sum = { input: 0, output: 0, cached: 0, written: 0, written1h: 0 };
  for (const iteration of iterations) {
    if (!isObject(iteration)) continue;
    const { input, output, cached, written, written1h } = countsIn(iteration);
    sum.input += input ?? 0;
    sum.output += output ?? 0;
    sum.cached += cached;
    sum.written += written;
    sum.written1h += written1h;
  }
  return {
    input: Math.max(sum.input, top.input ?? 0),
    output: Math.max(sum.output, top.output ?? 0),
    cached: Math.max(sum.cached, top.cached),
    written: Math.max(sum.written, top.written),
    written1h: Math.max(sum.written1h, top.written1h),
  };
}
