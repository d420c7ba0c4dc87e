import { Option } from "@commander-js/extra-typings";
import type { Body } from "#lib/cli/api/client";
import { wrongUsage } from "#lib/cli/failure";
import { usdValue, wholeNumber } from "./values";

const PERIODS = ["day", "week", "month", "total"] as const;

export const budgetOption = new Option("--budget <usd>", "how much may be spent in each period").argParser(
  usdValue,
);
export const noBudgetOption = new Option("--no-budget", "remove the budget");
export const periodOption = new Option(
  "--period <period>",
  "the budget's period (UTC); month unless given",
).choices(PERIODS);
export const softLimitOption = new Option(
  "--soft-limit <percent>",
  "warn when this much of the budget is spent",
).argParser(wholeNumber(1, 100));
export const requestRateOption = new Option("--requests-per-minute <n>", "how many requests").argParser(
  wholeNumber(1),
);
export const tokenRateOption = new Option("--tokens-per-minute <n>", "how many tokens").argParser(
  wholeNumber(1),
);
export const concurrencyOption = new Option("--max-concurrent <n>", "how many requests at once").argParser(
  wholeNumber(1),
);
export const noRateLimitsOption = new Option("--no-rate-limits", "remove all of these three");

export type LimitOptions = {
  budget?: string | false | undefined;
  period?: (typeof PERIODS)[number] | undefined;
  softLimit?: number | undefined;
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  maxConcurrent?: number | undefined;
  rateLimits?: boolean | undefined;
};

type Limited = {
  budget?:
    | { limit_usd: string; period: string; soft_limit_percent?: number | null | undefined }
    | null
    | undefined;
  rate_limits?: Readonly<Record<string, unknown>> | null | undefined;
};

/**
 * The `budget` and `rate_limits` that the options ask for; nothing for what they do not name.
 * @param now what is there already: an option changes its own part of it
 * @throws CliError when an option of a budget is given and there is none
 */
export function limitsBody(options: LimitOptions, now: Limited = {}): Body {
  return { ...budgetBody(options, now), ...rateBody(options, now) };
}

function budgetBody({ budget, period, softLimit }: LimitOptions, now: Limited): Body {
  if (budget === false) return { budget: null };
  if (budget === undefined && period === undefined && softLimit === undefined) return {};
  const limit = budget ?? now.budget?.limit_usd;
  if (limit === undefined) {
    throw wrongUsage("--period and --soft-limit belong to a budget.", "Give its limit, too: --budget 100");
  }
  const soft = softLimit ?? now.budget?.soft_limit_percent;
  return {
    budget: {
      limit_usd: limit,
      period: period ?? now.budget?.period ?? "month",
      ...(soft == null ? {} : { soft_limit_percent: soft }),
    },
  };
}

function rateBody(options: LimitOptions, now: Limited): Body {
  const asked = Object.entries({
    requests_per_minute: options.requestsPerMinute,
    tokens_per_minute: options.tokensPerMinute,
    max_concurrent: options.maxConcurrent,
  }).filter(([, value]) => value !== undefined);
  if (asked.length > 0) return { rate_limits: { ...now.rate_limits, ...Object.fromEntries(asked) } };
  return options.rateLimits === false ? { rate_limits: null } : {};
}
