import type { FieldSpan } from "#lib/dialects/text/json-fields";

/** What a body says about reasoning, wherever it says so. */
export type ReasoningAsked = {
  /** The largest budget of reasoning tokens under any name, at any depth; the most there is if it is only switched on. */
  budgetTokens: number;
  /** A budget that its dialect's maker counts within the output bound. */
  withinBoundTokens: number;
  /** `thinking_budget` in the body itself; null without it. */
  thinkingBudgetTokens: number | null;
  /** The switches in the body itself that are off. */
  off: readonly ReasoningSwitch[];
  /** Whether anything at any depth asks for reasoning, for more of it, or for a limit of it. */
  isAsked: boolean;
};

/** How reasoning is switched off in the body itself: `enable_thinking: false`, or `thinking: {"type": "disabled"}`. */
export type ReasoningSwitch = "by_flag" | "by_type";

export const NOTHING_ASKED: ReasoningAsked = {
  budgetTokens: 0,
  withinBoundTokens: 0,
  thinkingBudgetTokens: null,
  off: [],
  isAsked: false,
};

export const THINKING_BUDGET = "thinking_budget";

const WITH_THINKING_BUDGET: ReadonlySet<string> = new Set(["chat", "completions"]);

/** Whether Tollgate writes that budget into bodies of this form. */
export const sendsThinkingBudget = (form: string): boolean => WITH_THINKING_BUDGET.has(form);

/** Whether a field of this name, spelt exactly so, switches reasoning off at some provider. */
export const isReasoningSwitchName = (name: string): boolean =>
  name === "enable_thinking" || name === "thinking";

const ABOUT_REASONING = /think|reason/;
/** What of it is shown or kept. */
const ABOUT_SHOWING =
  /^(?:include|exclude|hide|show|return|separate|split|preserve|clear|keep|summary|display|reasoningsummary|reasoningsplit|reasoningformat|generatesummary)/;
const OFF: ReadonlySet<string> = new Set(["false", "null", "0", '""', '"none"', '"off"', '"disabled"']);
const LONGEST_OFF = '"disabled"'.length;

/** Whether a field asks for reasoning, by its own plain name (`plainName`) or by that of the field that it is in. */
export function asksForReasoning(
  json: string,
  name: string,
  outer: string | undefined,
  { start, end }: FieldSpan,
): boolean {
  const first = json[start];
  // The fields of an object say what it asks for.
  if (first === "{" || first === "[") return false;
  const isAbout = ABOUT_REASONING.test(name) || (outer !== undefined && ABOUT_REASONING.test(outer));
  if (!isAbout) return false;
  if (ABOUT_SHOWING.test(name)) return false;
  return end - start > LONGEST_OFF || !OFF.has(json.slice(start, end));
}

/** The switch that a field of the body sets to off; undefined if it is none, or on. */
export function switchedOff(
  json: string,
  path: readonly string[],
  { start, end }: FieldSpan,
): ReasoningSwitch | undefined {
  const [name, inner] = path;
  if (path.length === 1 && name === "enable_thinking")
    return json.slice(start, end) === "false" ? "by_flag" : undefined;
  if (path.length === 2 && name === "thinking" && inner === "type")
    return json.slice(start, end) === '"disabled"' ? "by_type" : undefined;
  return undefined;
}
