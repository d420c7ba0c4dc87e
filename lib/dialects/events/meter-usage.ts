import { BYTES_PER_TOKEN } from "#lib/dialects/text/estimate-tokens";
import { inputOf, isPartial, type ReportedUsage } from "#lib/dialects/usage";
import { contentOf, type NotedUsage } from "./noted-usage";

/** What a stream has reported and shown. */
export type Shown = NotedUsage & {
  /** The terminal event has arrived; it is not relayed before the row is settled. */
  done: boolean;
  contentEvents: number;
};

const LEAST_REPORTS = 3;

/**
 * The usage that was reported so far. Most providers count from the start in each report; some report what a chunk
 * has taken: then outputs do not grow with the content, and their sum is about what was seen.
 */
export function reportedUsage(meter: Shown): ReportedUsage | null {
  const { usage, usageReports, flatReports, outputSum } = meter;
  if (usage === null || isPartial(usage) || usageReports < LEAST_REPORTS) return usage;
  const seen = seenTokens(meter);
  const isPerChunk =
    4 * flatReports >= usageReports && 2 * usage.outputTokens < seen && outputSum <= 2 * seen;
  return isPerChunk ? { ...usage, outputTokens: Math.max(outputSum, usage.outputTokens) } : usage;
}

/**
 * Whether the usage counts all of the content: some providers report one at the beginning, and break off. Of several
 * answers, it must be the sum, or be reported for each.
 */
export const isUsageFinal = (meter: Shown): boolean =>
  meter.usage !== null &&
  meter.usageContent === contentOf(meter) &&
  (!isSumAwaited(meter) || meter.answerUsages.size >= meter.answers);

/** What a stream that ends here has reported: a usage from before its end counts the input, and not yet the output. */
export function usageAtEnd(meter: Shown): ReportedUsage | null {
  if (meter.usage === null || isUsageFinal(meter)) return meter.usage;
  return inputOf(meter.usage);
}

/** Whether the usage is that of single answers, and the stream goes on, where their sum may follow. */
export const isSumAwaited = ({ isSumDue, done }: Shown): boolean => isSumDue && !done;

/** Output tokens by what has arrived: a provider sends about one token per event, or more (shown-bytes.ts). */
export function seenTokens({ contentEvents, contentBytes, mediaTokens }: Shown): number {
  return Math.max(contentEvents, Math.ceil(contentBytes / BYTES_PER_TOKEN)) + mediaTokens;
}
