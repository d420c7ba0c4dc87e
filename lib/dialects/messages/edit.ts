import { setBoundedFields } from "#lib/dialects/bounds/set-output-bound";
import type { Call } from "#lib/dialects/call";
import type { Edits } from "#lib/dialects/dialect";
import { type FieldSpan, isObject, setFields, topLevelFields } from "#lib/dialects/text/json-fields";
import { needsThinking } from "./context-edits";
import { toolsWithBound } from "./searches";

/** The least that Anthropic takes (platform.claude.com/docs/en/build-with-claude/extended-thinking). */
const LEAST_BUDGET_TOKENS = 1_024;

/**
 * The client's text with the target's model and the output bound that the hold covers. A budget for thinking is part of
 * that bound and must be below it: it is lowered with it, or thinking is left out. The bound on searches is in their
 * tool.
 */
export function editMessages(call: Call, edits: Edits): string {
  const values: Record<string, string> = {};
  if (call.model !== edits.upstreamModel) values.model = JSON.stringify(edits.upstreamModel);
  if (edits.searchLimit !== null && edits.searchLimit !== call.searches?.given) {
    const tools = toolsWithBound(call.json, call.fields.get("tools"), edits.searchLimit);
    if (tools !== null) values.tools = tools;
  }
  const bound = { tokens: edits.outputLimitTokens, field: edits.outputLimitField };
  return setBoundedFields(call, values, bound, lowerThinking(call, edits.outputLimitTokens, values));
}

/**
 * Sets a budget that fits, if it has to be lowered.
 * @returns the fields to leave out
 */
function lowerThinking(
  call: Call,
  limitTokens: number | null,
  values: Record<string, string>,
): readonly FieldSpan[] {
  const span = call.fields.get("thinking");
  const budgetTokens = loweredBudget(call, limitTokens);
  if (budgetTokens === null || span === undefined) return NONE;
  if (budgetTokens < LEAST_BUDGET_TOKENS) return [span, ...editsOfThinking(call)];
  const json = call.json.slice(span.start, span.end);
  values.thinking = setFields(json, topLevelFields(json), { budget_tokens: String(budgetTokens) });
  return NONE;
}

/** A budget of thinking that fits; null if there is none, or it fits as it is. */
function loweredBudget({ json, fields, maxOutputTokens }: Call, limitTokens: number | null): number | null {
  const span = fields.get("thinking");
  if (limitTokens === null || span === undefined || limitTokens === maxOutputTokens) return null;
  const thinking: unknown = JSON.parse(json.slice(span.start, span.end));
  if (!isObject(thinking) || typeof thinking.budget_tokens !== "number") return null;
  const budgetTokens = Math.min(thinking.budget_tokens, limitTokens - 1);
  return budgetTokens === thinking.budget_tokens ? null : budgetTokens;
}

/** What is left out of a body for a bound that has no room for thinking. */
export function leftOutFor(call: Call, limitTokens: number): readonly string[] {
  const budgetTokens = loweredBudget(call, limitTokens);
  if (budgetTokens === null || budgetTokens >= LEAST_BUDGET_TOKENS) return NOTHING;
  return editsOfThinking(call).length === 0 ? ["thinking"] : ["thinking", "context_management"];
}

const NOTHING: readonly string[] = [];

const NONE: readonly FieldSpan[] = [];

/** What edits the context, if it needs thinking: the hold is for a context without edits. */
export function editsOfThinking({ json, fields }: Pick<Call, "json" | "fields">): readonly FieldSpan[] {
  const span = fields.get("context_management");
  if (span === undefined) return NONE;
  const management: { edits?: { type: string }[] | null } | null = JSON.parse(
    json.slice(span.start, span.end),
  );
  return needsThinking(management?.edits ?? []) ? [span] : NONE;
}
