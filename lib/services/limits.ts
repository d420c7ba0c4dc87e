import { z } from "zod";
import { isTokenLength } from "#lib/config/rate-windows";
import { period } from "#lib/db/schema/columns";
import type { RateWindows } from "#lib/db/schema/identity";
import { usdField } from "./fields";
import { usdText } from "./usd-text";

const count = (most: number) => z.int().min(1).max(most);

/** How much a scope may spend per UTC period. `"0"` blocks it; null removes the budget. */
export const Budget = z
  .strictObject({
    limit_usd: usdField,
    period: z.enum(period.enumValues),
    /** The share of the limit that raises an event, once per period. */
    soft_limit_percent: z.int().min(1).max(100).nullable().optional(),
  })
  .meta({ id: "Budget" });
export type Budget = z.output<typeof Budget>;

/** At most so many requests or tokens in any time of that length. */
const RateWindow = z
  .strictObject({
    requests: count(10_000_000).optional(),
    tokens: count(10_000_000_000).optional(),
    seconds: count(2_678_400),
  })
  .refine(({ requests, tokens }) => requests !== undefined || tokens !== undefined, {
    path: ["requests"],
    error: "Set requests, tokens or both.",
  })
  .refine(({ tokens, seconds }) => tokens === undefined || isTokenLength(seconds), {
    path: ["seconds"],
    error: "For tokens, use up to 60 seconds or whole minutes.",
  });

/** How fast a scope may send requests. Null removes all limits. */
export const RateLimits = z
  .strictObject({
    requests_per_minute: count(10_000_000).optional(),
    tokens_per_minute: count(10_000_000_000).optional(),
    max_concurrent: count(100_000).optional(),
    windows: z.array(RateWindow).max(10).optional(),
  })
  .meta({ id: "RateLimits" });
export type RateLimits = z.output<typeof RateLimits>;

/** The input of every scope with limits. In an update, a limit that is left out keeps its value. */
export const limitFields = {
  budget: Budget.nullable().optional(),
  rate_limits: RateLimits.nullable().optional(),
};

type LimitColumns = {
  budgetLimitUsd: string | null;
  budgetPeriod: (typeof period.enumValues)[number] | null;
  budgetSoftPercent: number | null;
  maxConcurrent: number | null;
  rateLimits: RateWindows | null;
};

/** The columns to set, without those of limits that are left out. */
export function limitColumns(input: {
  budget?: Budget | null | undefined;
  rate_limits?: RateLimits | null | undefined;
}): Partial<LimitColumns> {
  const { budget, rate_limits: rateLimits } = input;
  const { max_concurrent: maxConcurrent = null, ...windows } = rateLimits ?? {};
  return {
    ...(budget === undefined
      ? {}
      : {
          budgetLimitUsd: budget?.limit_usd ?? null,
          budgetPeriod: budget?.period ?? null,
          budgetSoftPercent: budget?.soft_limit_percent ?? null,
        }),
    ...(rateLimits === undefined
      ? {}
      : { maxConcurrent, rateLimits: Object.keys(windows).length > 0 ? windows : null }),
  };
}

/** The limits of a row, in the shape of the API. */
export function limitsOf(row: LimitColumns): { budget: Budget | null; rate_limits: RateLimits | null } {
  const { budgetLimitUsd, budgetPeriod, budgetSoftPercent, maxConcurrent, rateLimits } = row;
  const rates = { ...rateLimits, ...(maxConcurrent === null ? {} : { max_concurrent: maxConcurrent }) };
  return {
    budget:
      budgetLimitUsd === null || budgetPeriod === null
        ? null
        : {
            limit_usd: usdText(budgetLimitUsd),
            period: budgetPeriod,
            soft_limit_percent: budgetSoftPercent,
          },
    rate_limits: Object.keys(rates).length > 0 ? rates : null,
  };
}
