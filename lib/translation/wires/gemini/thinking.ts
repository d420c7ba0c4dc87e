import type { JsonObject } from "#lib/dialects/text/json-fields";
import { asksToReason, type Effort, type Reasoning } from "#lib/translation/turn";
import { COMMON_EFFORTS, effortOfBudget } from "#lib/translation/wires/effort";
import type { Notes } from "#lib/translation/wires/notes";

/** How a model is told how much to think (ai.google.dev/gemini-api/docs/thinking). */
type Thinking =
  | { by: "level"; levels: readonly Level[] }
  /** `least` is zero where thinking can be switched off. */
  | { by: "budget"; least: number; most: number };
type Level = "minimal" | "low" | "medium" | "high";

/** The first that matches counts; others do not think. */
const MODELS: readonly (readonly [RegExp, Thinking])[] = [
  [/gemini-3-pro/, { by: "level", levels: ["low", "high"] }],
  [
    /gemini-[3-9](?:\.\d+)?-pro|gemini-(?:3\.[6-9]|[4-9])|gemini-(?:pro|flash)-latest/,
    { by: "level", levels: ["low", "medium", "high"] },
  ],
  [/gemini-3|gemini-flash-lite-latest/, { by: "level", levels: ["minimal", "low", "medium", "high"] }],
  [/gemini-2\.5-pro/, { by: "budget", least: 128, most: 32_768 }],
  [/gemini-2\.5-flash-lite/, { by: "budget", least: 512, most: 24_576 }],
  [/gemini-2\.5/, { by: "budget", least: 0, most: 24_576 }],
];

/** What Google's own OpenAI endpoint makes of an effort (ai.google.dev/gemini-api/docs/openai#thinking). */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 32_768,
};
/** There is no level for none. */
function levelFor(effort: Effort): Level {
  const known = COMMON_EFFORTS[effort];
  return known === "none" ? "minimal" : known;
}

/** The model decides. */
const DYNAMIC_BUDGET = -1;

/**
 * How much a model is to think, and whether it shows a summary, as clients that ask for reasoning expect.
 * @param maxTokens the bound, which counts thoughts
 * @returns undefined where the client does not ask, or the model does not think
 */
export function thinkingConfig(
  reasoning: Reasoning,
  upstreamModel: string,
  maxTokens: number | null,
  notes: Notes,
): JsonObject | undefined {
  const { effort, budgetTokens, mode, isShown } = reasoning;
  if (!asksToReason({ reasoning })) return undefined;
  const thinking = MODELS.find(([names]) => names.test(upstreamModel))?.[1];
  if (thinking === undefined) {
    for (const given of [effort, budgetTokens, mode]) notes.drop(given);
    return undefined;
  }
  const isOff = mode?.value === "off" || effort?.value === "none";
  const includeThoughts = isShown && !isOff;
  if (thinking.by === "level") {
    const wanted = isOff ? "minimal" : levelOf(reasoning);
    return wanted === null
      ? { includeThoughts }
      : { includeThoughts, thinkingLevel: nearest(wanted, thinking.levels) };
  }
  const wanted = isOff ? 0 : budgetOf(reasoning);
  if (wanted === null) return { includeThoughts, thinkingBudget: DYNAMIC_BUDGET };
  const below = maxTokens === null ? thinking.most : Math.min(thinking.most, maxTokens - 1);
  const budget = Math.min(wanted, below);
  if (budget < thinking.least) {
    // Zero switches the light model off, too, and the large one takes no less than its least.
    return isOff && thinking.least !== 128
      ? { thinkingBudget: 0 }
      : { includeThoughts, thinkingBudget: thinking.least };
  }
  return isOff ? { thinkingBudget: 0 } : { includeThoughts, thinkingBudget: budget };
}

function levelOf({ effort, budgetTokens }: Reasoning): Level | null {
  if (effort !== null) return levelFor(effort.value);
  if (budgetTokens === null) return null;
  return effortOfBudget(budgetTokens.value);
}

function budgetOf({ effort, budgetTokens }: Reasoning): number | null {
  if (budgetTokens !== null) return budgetTokens.value;
  return effort === null ? null : BUDGETS[effort.value];
}

const ORDER: readonly Level[] = ["minimal", "low", "medium", "high"];

/** The level itself, else the next above it. */
function nearest(wanted: Level, levels: readonly Level[]): Level {
  const from = ORDER.indexOf(wanted);
  return levels.find((level) => ORDER.indexOf(level) >= from) ?? "high";
}
