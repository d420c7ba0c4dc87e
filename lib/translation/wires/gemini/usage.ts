import { isObject } from "#lib/dialects/text/json-fields";
import { type ReportedUsage, tokenCount, usageOfCounts } from "#lib/dialects/usage";

/**
 * Reads `usageMetadata` (ai.google.dev/api/generate-content#UsageMetadata): what the cache had is in the prompt's count,
 * what tools have added to the prompt is apart, and thoughts are billed as output besides the candidates.
 * Zeros are placeholders until something was generated (github.com/googleapis/go-genai/issues/15): a prompt has tokens,
 * and counts of zero are mostly left out.
 * @param generated whether something was generated until now, and whether something besides thoughts
 * @returns null without any count; a partial usage if there is content that it does not count
 */
export function geminiUsage(
  value: unknown,
  { hasContent, hasSaid }: { hasContent: boolean; hasSaid: boolean },
): ReportedUsage | null {
  if (!isObject(value)) return null;
  const prompt = tokenCount(value.promptTokenCount) || null;
  const total = tokenCount(value.totalTokenCount) || null;
  const thoughts = tokenCount(value.thoughtsTokenCount) ?? 0;
  const candidates = tokenCount(value.candidatesTokenCount) ?? 0;
  const output = candidates + thoughts;
  if (prompt === null && total === null && output === 0) return null;
  const isLeftOut = (thoughts === 0 ? hasContent : hasSaid) && (total ?? 0) <= (prompt ?? 0) + thoughts;
  const isUncounted = candidates === 0 && (prompt === null ? output === 0 : isLeftOut);
  const isPromptAlone = isUncounted && prompt !== null;
  const read = modalities(value.promptTokensDetails);
  const made = modalities(value.candidatesTokensDetails);
  return usageOfCounts({
    input: prompt === null ? null : prompt + (tokenCount(value.toolUsePromptTokenCount) ?? 0),
    output: isUncounted ? null : output,
    total: isPromptAlone ? null : total,
    cached: tokenCount(value.cachedContentTokenCount),
    cacheWrite: null,
    cacheWrite1h: null,
    reasoning: thoughts,
    inputAudio: read.AUDIO ?? null,
    inputImage: read.IMAGE ?? null,
    inputVideo: read.VIDEO ?? null,
    outputAudio: made.AUDIO ?? null,
    outputImage: made.IMAGE ?? null,
    // Grounding is never asked for.
    webSearches: null,
  });
}

function modalities(details: unknown): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const detail of Array.isArray(details) ? details : []) {
    if (!isObject(detail) || typeof detail.modality !== "string") continue;
    const count = tokenCount(detail.tokenCount);
    if (count !== null) counts[detail.modality] = (counts[detail.modality] ?? 0) + count;
  }
  return counts;
}
