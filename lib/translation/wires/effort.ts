import type { Effort, Reasoning } from "#lib/translation/turn";
import type { Notes } from "./notes";
import type { OpenAiTraits } from "./openai-models";

/** Efforts as most models know them. */
export const COMMON_EFFORTS: Readonly<Record<Effort, "none" | "minimal" | "low" | "medium" | "high">> = {
  none: "none",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  // Few models know more.
  xhigh: "high",
  max: "high",
};
/** Up to so many tokens a budget means the effort. */
const EFFORT_OF_BUDGET: readonly (readonly [number, "low" | "medium"])[] = [
  [2_048, "low"],
  [12_288, "medium"],
];

/** The effort that a budget is about. */
export const effortOfBudget = (budgetTokens: number): "low" | "medium" | "high" =>
  EFFORT_OF_BUDGET.find(([most]) => budgetTokens <= most)?.[1] ?? "high";

/** How much a model of OpenAI's dialects is to reason; undefined where the client does not say, or the model does not take it. */
export function effortOf(
  { effort, budgetTokens, mode }: Reasoning,
  { hasEffort }: OpenAiTraits,
  notes: Notes,
): string | undefined {
  if (!hasEffort) {
    for (const given of [effort, budgetTokens, mode?.value === "off" ? null : mode]) notes.drop(given);
    return undefined;
  }
  if (effort !== null) return COMMON_EFFORTS[effort.value];
  if (budgetTokens === null) return undefined;
  return effortOfBudget(budgetTokens.value);
}
