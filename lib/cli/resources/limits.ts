import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Body } from "#lib/cli/api/client";
import { wrongUsage } from "#lib/cli/failure";
import { usdValue, wholeNumber } from "#lib/cli/options/values";
import { WINDOW_EXAMPLES, WINDOW_FORM, type WindowLimit, windowOf } from "#lib/config/rate-windows";
import type { Field, Given } from "./field";

const PERIODS = ["day", "week", "month", "total"] as const;

export const budgetOption = new Option("--budget <usd>", "how much may be spent in each period").argParser(
  usdValue,
);
const noBudgetOption = new Option("--no-budget", "remove the budget");
const periodOption = new Option("--period <period>", "the budget period in UTC (default: month)").choices(
  PERIODS,
);
const softLimitOption = new Option(
  "--soft-limit <percent>",
  "warn when this much of the budget is spent",
).argParser(wholeNumber(1, 100));
const requestRateOption = new Option("--requests-per-minute <n>", "the most requests per minute").argParser(
  wholeNumber(1),
);
const tokenRateOption = new Option("--tokens-per-minute <n>", "the most tokens per minute").argParser(
  wholeNumber(1),
);
const concurrencyOption = new Option("--max-concurrent <n>", "the most requests at once").argParser(
  wholeNumber(1),
);
const windowOption = new Option(
  "--window <limit>",
  `another limit, like ${WINDOW_EXAMPLES}; may be repeated, and replaces all windows`,
).argParser((text, before: WindowLimit[] | undefined) => {
  const window = windowOf(text);
  if (window === null) throw new InvalidArgumentError(`Must be ${WINDOW_FORM}.`);
  return [...(before ?? []), window];
});
const noWindowsOption = new Option("--no-windows", "remove all windows").conflicts("window");
const noRateLimitsOption = new Option("--no-rate-limits", "remove all rate limits");

type Limited = {
  budget?: { limit_usd: string; period: string; soft_limit_percent?: number | null | undefined } | null;
  rate_limits?: object | null;
};

const createOptions = [
  budgetOption,
  periodOption,
  softLimitOption,
  requestRateOption,
  tokenRateOption,
  concurrencyOption,
  windowOption,
];

/** Budget and rate limits of a new row. */
export const limitFields: Field = { options: createOptions, toRequest: (given) => limitsBody(given) };

/** The same for an update, which can also remove them. */
export const limitChanges: Field = {
  options: [budgetOption, noBudgetOption, ...createOptions.slice(1), noWindowsOption, noRateLimitsOption],
  toRequest: (given, { now = {} }) => limitsBody(given, now),
};

/**
 * The `budget` and `rate_limits` of a request body; without the ones that no option names.
 * @param now the current limits: an option changes its own part of them
 * @throws CliError when an option of a budget is given and there is no budget
 */
export function limitsBody(given: Given, now: Limited = {}): Body {
  return { ...budgetBody(given, now), ...rateBody(given, now) };
}

function budgetBody({ budget, period, softLimit }: Given, now: Limited): Body {
  if (budget === false) return { budget: null };
  if (budget === undefined && period === undefined && softLimit === undefined) return {};
  const limit = budget ?? now.budget?.limit_usd;
  if (limit === undefined) {
    throw wrongUsage("--period and --soft-limit need a budget.", "Pass its limit, too: --budget 100");
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

/** Windows of a new row, for commands with other options for the rest. */
export const windowField: Field = {
  options: [windowOption],
  toRequest: ({ window }) => rateBody({ window }, {}),
};

/** The same for an update. */
export const windowChange: Field = {
  options: [windowOption, noWindowsOption],
  toRequest: ({ window, windows }, { now = {} }) => rateBody({ window, windows }, now),
};

function rateBody(given: Given, now: Limited): Body {
  const asked = Object.entries({
    requests_per_minute: given.requestsPerMinute,
    tokens_per_minute: given.tokensPerMinute,
    max_concurrent: given.maxConcurrent,
    windows: given.window,
  }).filter(([, value]) => value !== undefined);
  if (given.windows === false) {
    const { windows: _, ...others } = { windows: null, ...now.rate_limits };
    const left = { ...others, ...Object.fromEntries(asked) };
    return { rate_limits: Object.keys(left).length === 0 ? null : left };
  }
  if (asked.length > 0) return { rate_limits: { ...now.rate_limits, ...Object.fromEntries(asked) } };
  return given.rateLimits === false ? { rate_limits: null } : {};
}
