import type { Usage } from "#lib/cli/api/answers";
import { minute, usd } from "./format";

/** Usage in a period, as facts. */
export function usageFacts(usage: Usage): [string, string | number | null | undefined][] {
  const { period, budget } = usage;
  return [
    [
      "period",
      period.start == null ? "since creation" : `${minute(period.start)} to ${minute(period.end) ?? "now"}`,
    ],
    ["cost", usd(usage.cost_usd)],
    ["requests", usage.requests],
    ["input tokens", usage.input_tokens],
    ["output tokens", usage.output_tokens],
    ...(budget === null
      ? ([["budget", "none"]] satisfies [string, string][])
      : ([
          ["budget", usd(budget.limit_usd)],
          ["spent", usd(budget.spent_usd)],
          ["held", usd(budget.held_usd)],
          ["remaining", usd(budget.remaining_usd)],
        ] satisfies [string, string | null][])),
  ];
}
