import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { NO_COUNTS, type ReportedUsage, tokenCount, usageOfCounts } from "#lib/dialects/usage";

/**
 * Reads the `usage` of Converse (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html): what the
 * cache had and what was written to it are apart from the input, under one of two names each, and `cacheDetails` says for
 * how long it was written.
 * @returns null without any count
 */
export function converseUsage(usage: unknown): ReportedUsage | null {
  if (!isObject(usage)) return null;
  const input = tokenCount(usage.inputTokens);
  const cached = either(usage, "cacheReadInputTokens", "cacheReadInputTokenCount");
  const details = writesOf(usage.cacheDetails);
  const written = Math.max(either(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount"), details.all);
  // Reasoning is in the output, and not counted apart.
  return usageOfCounts({
    ...NO_COUNTS,
    input: input === null ? null : input + cached + written,
    output: tokenCount(usage.outputTokens),
    total: tokenCount(usage.totalTokens),
    cached,
    cacheWrite: written,
    cacheWrite1h: details.hourly,
  });
}

const either = (usage: JsonObject, name: string, otherName: string): number =>
  Math.max(tokenCount(usage[name]) ?? 0, tokenCount(usage[otherName]) ?? 0);

function writesOf(details: unknown): { all: number; hourly: number } {
  let all = 0;
  let hourly = 0;
  for (const detail of Array.isArray(details) ? details : []) {
    if (!isObject(detail)) continue;
    const tokens = tokenCount(detail.inputTokens) ?? 0;
    all += tokens;
    if (detail.ttl === "1h") hourly += tokens;
  }
  return { all, hourly };
}
