import { plainName } from "./plain-name";

/**
 * Names for a limit of reasoning tokens. Most providers count reasoning within the output bound; Qwen and
 * SiliconFlow do not, and gateways such as Vercel's add Anthropic's `budget_tokens` to the bound. So what is asked
 * for here is held besides it.
 */
const REASONING_BUDGET_NAMES = [
  "thinking_budget",
  "thinking_budget_tokens",
  "thinking_token_budget",
  "thinking_max_tokens",
  "thinking_tokens",
  "budget_tokens",
  "reasoning_budget",
  "reasoning_budget_tokens",
  "reasoning_max_tokens",
  "reasoning_tokens",
  "max_thinking_tokens",
  "max_reasoning_tokens",
] as const;

/**
 * Qwen's and SiliconFlow's switch, as a plain name. Without a budget, Qwen's reasoning is bounded by its own maximum
 * alone (help.aliyun.com/zh/model-studio/models), whatever `max_tokens` is.
 */
export const THINKING_SWITCH = "enablethinking";
export const MOST_THINKING_TOKENS = 81_920;

const PLAIN: ReadonlySet<string> = new Set(REASONING_BUDGET_NAMES.map(plainName));
const SPELT: ReadonlySet<string> = new Set(REASONING_BUDGET_NAMES);

/** Whether a plain name (`plainName`) is one for a limit of reasoning tokens. */
export const isReasoningBudget = (plain: string): boolean => PLAIN.has(plain);

/** Whether the table spells a name exactly so. */
export const isReasoningBudgetName = (name: string): boolean => SPELT.has(name);
