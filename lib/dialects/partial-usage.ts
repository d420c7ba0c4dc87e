import type { Usage } from "#lib/credit/prices/meters";
import { isPartial, type ReportedCounts, type ReportedUsage, wholeUsage } from "./usage";

/**
 * The usage that a report means, with estimates for what it leaves out. A total alone is divided: the estimated input,
 * and the rest as output. Never above a total that is reported alone, and a reported count is never changed by an
 * estimate.
 * @param estimate of the input and the output, within the bound
 * @param isCovered whether a budget must cover what was read: where that is a share, nothing tells which part it was
 */
export function completedUsage(reported: ReportedUsage, estimate: Usage, isCovered = false): Usage {
  if (!isPartial(reported)) return reported;
  const { inputShare } = reported;
  if (inputShare !== undefined && !isCovered) return sharedUsage(reported.counts, estimate, inputShare);
  const counts = {
    ...reported.counts,
    inputAudio: reported.counts.inputAudio ?? estimate.inputAudioTokens,
    outputAudio: reported.counts.outputAudio ?? estimate.outputAudioTokens,
    outputImage: reported.counts.outputImage ?? estimate.outputImageTokens,
    webSearches: reported.counts.webSearches ?? estimate.webSearches,
  };
  const { input, output, total } = counts;
  // Beside one of its parts, a total is below it: else it would give the other.
  const alone = { ...counts, total: null };
  if (input !== null) {
    const least = counts.reasoning ?? 0;
    return within(wholeUsage(alone, input, Math.max(estimate.outputTokens, least)));
  }
  const cache = (counts.cached ?? 0) + (counts.cacheWrite ?? 0);
  if (output !== null) return within(wholeUsage(alone, Math.max(estimate.inputTokens, cache), output));
  return total === null ? estimate : divided(counts, total, Math.max(estimate.inputTokens, cache));
}

const sharedUsage = (counts: ReportedCounts, estimate: Usage, inputShare: number): Usage =>
  completedUsage({ counts: { ...counts, input: Math.ceil(estimate.inputTokens * inputShare) } }, estimate);

function divided(counts: ReportedCounts, total: number, likelyInput: number): Usage {
  const input = Math.min(likelyInput, total);
  const output = total - input;
  return within(
    wholeUsage(
      {
        ...counts,
        total: null,
        cached: most(counts.cached, input),
        cacheWrite: most(counts.cacheWrite, input - (most(counts.cached, input) ?? 0)),
        reasoning: most(counts.reasoning, output),
      },
      input,
      output,
    ),
  );
}

const most = (count: number | null, bound: number): number | null =>
  count === null ? null : Math.min(count, bound);

/** Sound is a part of the input and the output, and so are pictures that were made. */
const within = (usage: Usage): Usage => ({
  ...usage,
  inputAudioTokens: Math.min(usage.inputAudioTokens, usage.inputTokens),
  outputAudioTokens: Math.min(usage.outputAudioTokens, usage.outputTokens),
  outputImageTokens: Math.min(usage.outputImageTokens, usage.outputTokens),
});
