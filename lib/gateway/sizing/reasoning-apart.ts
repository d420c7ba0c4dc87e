import { MOST_THINKING_TOKENS } from "#lib/dialects/bounds/reasoning-budgets";
import {
  type ReasoningAsked,
  type ReasoningSwitch,
  sendsThinkingBudget,
} from "#lib/dialects/bounds/reasoning-settings";
import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";

/** A provider that does not count reasoning within the output bound, and what of a body it reads. */
type Apart = {
  /** Its address, or the name that a proxy has for its models: matched in `<base URL> <upstream model>`. */
  at: RegExp;
  /** The name of the output bound that does count reasoning there. */
  countedBy?: RegExp;
  /** Whether it reads `thinking_budget` in the body itself. */
  readsBudget: boolean;
  /** The least budget that it takes. */
  leastBudgetTokens?: number;
  /** What switches reasoning off there, in the body itself. */
  readsSwitch?: ReasoningSwitch;
  /** The models for which it documents that switch; without it, all that can. */
  switches?: RegExp;
};

/** The first that matches counts. What a proxy does not document to pass on is not read. */
const APART: readonly Apart[] = [
  // openrouter.ai/docs/use-cases/reasoning-tokens: settings of its own, and not for each of the providers behind it.
  { at: /(?:openrouter\.ai|vercel)\S* (?:qwen|alibaba)\//i, readsBudget: false },
  // alibabacloud.com/help/en/model-studio/deep-thinking. LiteLLM passes on the fields that it does not know.
  { at: /aliyuncs\.com|[ /]dashscope\//i, readsBudget: true, readsSwitch: "by_flag" },
  // docs.siliconflow.com/en/userguide/capabilities/reasoning, and its reference of chat completions
  {
    at: /:\/\/\S*siliconflow/i,
    readsBudget: true,
    leastBudgetTokens: 128,
    readsSwitch: "by_flag",
    switches: /qwen-?3|glm-(?:4\.5v|4\.[6-9]|5)|deepseek-v3\.[12]|hunyuan-a13b/,
  },
  // cloud.tencent.com/document/product/1772/115969
  { at: /:\/\/\S*lkeap/i, readsBudget: false, readsSwitch: "by_type" },
  // docs.byteplus.com/en/docs/ModelArk: by the newer name of the bound, reasoning counts. LiteLLM passes `thinking` on.
  {
    at: /volces\.com|bytepluses|[ /]volcengine\//i,
    countedBy: /completion/,
    readsBudget: false,
    readsSwitch: "by_type",
  },
  // By what others quote of docs.x.ai/developers/models, 128,000 output tokens "excluding reasoning tokens". Usage counts those
  // apart, too.
  { at: /:\/\/(?:\S*\.)?x\.ai[:/ ]|[ /]x-?ai\/|[ /]grok-/i, readsBudget: false },
  // The same behind other proxies.
  { at: /volcengine|byteplus/i, countedBy: /completion/, readsBudget: false },
  { at: /dashscope|siliconflow|lkeap|[ /]alibaba\//i, readsBudget: false },
];

/** How a model reasons: not at all, if it is asked to, unless its provider's switch is off, or always. */
type Reasons = {
  reasons: "never" | "if_asked" | "switchable" | "always";
  keepsToBudget: boolean;
  most?: number;
};

const NEVER: Reasons = { reasons: "never", keepsToBudget: false };
const ALWAYS: Reasons = { reasons: "always", keepsToBudget: false };
const SWITCHABLE: Reasons = { reasons: "switchable", keepsToBudget: false };

/**
 * Models by their upstream name; the first that matches counts, and a model that none names always reasons. Only
 * Qwen's models since Qwen 3 stop at a budget (docs.siliconflow.com, as above).
 */
const MODELS: readonly (readonly [RegExp, Reasons])[] = [
  [/-r1|distill|qwq|qvq|research/, ALWAYS],
  [/qwen-?3.*think/, { reasons: "always", keepsToBudget: true }],
  [/grok-(?:[12]|3)(?![.\d]|-mini)|grok-.*non-reasoning/, NEVER],
  [/think|reason/, ALWAYS],
  [/qwen-?(?:1\.5|2\.5|[12])(?![.\d])|qwen-(?:\d+(?:\.\d+)?b|1_8b)/, NEVER],
  [/qwen-?3[^/]*-instruct|qwen-?3-coder/, NEVER],
  [/qwen-(?:max|coder|math|long|mt|vl|audio|omni)(?:-|$)/, NEVER],
  [/qwen-(?:plus|turbo)-(?:202[34]|2025-0[1-3]|(?:0[126789]|1[0-2])\d\d$)/, NEVER],
  [/qwen-(?:plus|turbo|flash)(?:$|-(?:latest|us|20))/, { reasons: "if_asked", keepsToBudget: true }],
  [/qwen-?3-(?:max|vl-(?:plus|flash))/, { reasons: "if_asked", keepsToBudget: true }],
  [/qwen-?[3-9]/, { reasons: "switchable", keepsToBudget: true }],
  [/llama-?v?[23](?!\d)|gemma-?[123]|mi[sx]tral-(?:7b|8x)|internlm2|baichuan|yi-(?:34b|large|1\.5)/, NEVER],
  [/deepseek-(?:v2|v2\.5|v3|coder|llm)(?:-\d{4,8}|-chat|-base|-lite)*$/, NEVER],
  [/deepseek-v4/, { ...SWITCHABLE, most: 393_216 }],
  [/deepseek-v3[.-][1-9](?!\d)/, SWITCHABLE],
  [/glm-4-(?:9b|32b|plus|flash|air|long)/, NEVER],
  [/glm-(?:4[.-][5-9]|5)(?!\d)/, SWITCHABLE],
  [/kimi-k2-(?:instruct|0\d{3}|\d{6})|moonshot-v1/, NEVER],
  [/kimi-k2[.-][5-9](?!\d)|hunyuan-a13b/, SWITCHABLE],
  [/ling-(?:flash|mini|lite|plus)|ernie-4\.5-300b|hunyuan-mt/, NEVER],
  [/doubao-(?:1[-.]5-)?(?:lite|pro|vision)/, NEVER],
  [/seed-?1[-.][68](?!\d)/, SWITCHABLE],
  [/seed-?2|seed-evolving/, { ...SWITCHABLE, most: 262_144 }],
  // Volcengine's names for a customer's own endpoints.
  [/(?:^|\/)ep-/, { ...ALWAYS, most: 262_144 }],
];

/** The budget that is sent where a model's most does not fit a client's budget: SiliconFlow's default. */
export const LOWERED_REASONING_TOKENS = 4_096;

/**
 * The most reasoning tokens that a route may bill beyond the output bound: all that its model can make, unless the
 * model is known not to reason, or is told so by what the provider itself reads. Zero where reasoning counts within
 * the bound.
 */
export const reasoningApartTokens = (asked: ReasoningAsked, route: Route): number =>
  judged(asked, route).tokens;

/** Whether a route takes a lower budget of reasoning from Tollgate: it reads one, and the body has none. */
export const takesReasoningLimit = (asked: ReasoningAsked, route: Route): boolean =>
  judged(asked, route).takesLimit;

function judged(said: ReasoningAsked, route: Route): { tokens: number; takesLimit: boolean } {
  const { target, wire } = route;
  const asked = asSent(said, route);
  const apart = apartAt(`${target.baseUrl} ${target.upstreamModel}`);
  if (apart === null) return NONE;
  const model = target.upstreamModel.toLowerCase();
  if (apart.countedBy?.test(wire.outputLimitField ?? "")) return NONE;
  const { reasons, keepsToBudget, most = MOST_THINKING_TOKENS } = reasonsOf(model);
  if (reasons === "never") return NONE;
  const isQuiet = reasons === "if_asked" || (reasons === "switchable" && isSwitchedOff(asked, apart, model));
  if (isQuiet && !asked.isAsked) return NONE;
  const takesBudget = apart.readsBudget && keepsToBudget && sendsThinkingBudget(wire.dialect);
  if (!takesBudget || asked.thinkingBudgetTokens === null) return { tokens: most, takesLimit: takesBudget };
  // Another name may have a larger budget: a server that reads that one is covered, too.
  return { tokens: Math.max(asked.budgetTokens, apart.leastBudgetTokens ?? 0), takesLimit: false };
}

const NONE = { tokens: 0, takesLimit: false };

/** Of the fields that a server reads, a translated body has only those that the wire writes. */
const asSent = (said: ReasoningAsked, { translation }: Route): ReasoningAsked =>
  translation === null ? said : { ...said, off: [], thinkingBudgetTokens: null };

const apartAt = byName((name) => APART.find(({ at }) => at.test(name)) ?? null);

const reasonsOf = byName((model): Reasons => MODELS.find(([names]) => names.test(model))?.[1] ?? ALWAYS);

const isSwitchedOff = ({ off }: ReasoningAsked, { readsSwitch, switches }: Apart, model: string): boolean =>
  readsSwitch !== undefined && off.includes(readsSwitch) && (switches?.test(model) ?? true);
