import type { PicoUsd } from "#lib/credit/money";
import { statedCostIn } from "./stated-cost";
import { isPartial, type ReportedUsage } from "./usage";

/**
 * What a provider has said so far, in a whole answer or a stream:
 * - `nothing`: comments, heartbeats, roles, filter results, empty texts;
 * - `content`: an answer or its beginning, or the reason why it ended;
 * - `error`: words of the provider, or of a proxy, instead of an answer;
 * - `unusable`: neither an answer in the dialect nor an error.
 */
export type Said = "nothing" | "content" | "error" | "unusable";

/** A whole body as its dialect reads it. */
export type WholeAnswer = {
  said: Exclude<Said, "nothing">;
  /** The object that reports the error, not yet scrubbed; null without one, or if it has no words. */
  error: unknown;
  /** Null if the provider reported none. */
  usage: ReportedUsage | null;
  /** Tokens of what it generated, by estimate; 0 if the provider has counted them. */
  outputTokens: number;
  /** What the provider says that the answer has cost; null if it does not say. */
  statedCostPicoUsd: PicoUsd | null;
};

/**
 * What a body says that may have an answer.
 * @param body as parsed
 * @param generatedTokens computes an estimate of what was generated, for a provider that has not counted it
 */
export function wholeAnswer(
  body: unknown,
  hasAnswer: boolean,
  error: unknown,
  usage: ReportedUsage | null,
  generatedTokens: () => number,
): WholeAnswer {
  const isCounted = usage !== null && !isPartial(usage);
  return {
    said: error !== null ? "error" : hasAnswer ? "content" : "unusable",
    error,
    usage,
    outputTokens: hasAnswer && !isCounted ? generatedTokens() : 0,
    statedCostPicoUsd: statedCostIn(body),
  };
}

/** Whether a usage counts any token. */
export function isBilled(usage: ReportedUsage): boolean {
  if (!isPartial(usage)) return usage.inputTokens + usage.outputTokens > 0;
  const { input, output, total } = usage.counts;
  if (usage.inputShare !== undefined && usage.inputShare > 0) return true;
  return [input, output, total].some((count) => count !== null && count > 0);
}
