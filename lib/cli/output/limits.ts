import { windowTexts } from "#lib/config/rate-windows";
import type { Budget, RateLimits } from "#lib/services/limits";
import { usd } from "./format";

/** A budget as text: "$100 a month, warning at 80 %"; null without one. */
export function budgetText(budget: Budget | null | undefined): string | null {
  if (!budget) return null;
  const each = budget.period === "total" ? "in total" : `a ${budget.period}`;
  const warning = budget.soft_limit_percent == null ? "" : `, warning at ${budget.soft_limit_percent} %`;
  return `${usd(budget.limit_usd)} ${each}${warning}`;
}

/** Rate limits as text: "60 requests/min, 4 at once"; null without any. */
export function ratesText(rates: RateLimits | null | undefined): string | null {
  const parts = [
    rates?.requests_per_minute == null ? null : `${rates.requests_per_minute} requests/min`,
    rates?.tokens_per_minute == null ? null : `${rates.tokens_per_minute} tokens/min`,
    ...(rates?.windows ?? []).flatMap(windowTexts),
    rates?.max_concurrent == null ? null : `${rates.max_concurrent} at once`,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(", ") : null;
}
