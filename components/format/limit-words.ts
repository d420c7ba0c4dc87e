import type { Budget, RateLimits } from "#lib/services/limits";
import { count } from "./count";
import { exactUsd, totalUsd } from "./usd";

/** Follows an amount spent: "$3.20 this month". */
export const PERIOD_SPENT: Record<Budget["period"], string> = {
  day: "today",
  week: "this week",
  month: "this month",
  total: "in total",
};

const A_PERIOD: Record<Budget["period"], string> = {
  day: "a day",
  week: "a week",
  month: "a month",
  total: "in total",
};

/** A limit in US dollars: with cents if those are exact, otherwise with every digit. */
export const limitUsd = (usd: string): string => {
  const [, fraction = ""] = usd.split(".");
  return fraction.length <= 2 ? totalUsd(usd) : exactUsd(usd);
};

/** "$25.00 a month". */
export const budgetWords = ({ limit_usd, period }: Budget): string =>
  `${limitUsd(limit_usd)} ${A_PERIOD[period]}`;

/** Each rate limit in words: "60 requests per minute", "2 concurrent requests". */
export function rateWords(limits: RateLimits): string[] {
  const { requests_per_minute: requests, tokens_per_minute: tokens, max_concurrent: most, windows } = limits;
  return [
    ...(requests === undefined ? [] : [`${plural(requests, "request")} per minute`]),
    ...(tokens === undefined ? [] : [`${plural(tokens, "token")} per minute`]),
    ...(windows ?? []).flatMap((window) => [
      ...(window.requests === undefined
        ? []
        : [`${plural(window.requests, "request")} per ${span(window.seconds)}`]),
      ...(window.tokens === undefined
        ? []
        : [`${plural(window.tokens, "token")} per ${span(window.seconds)}`]),
    ]),
    ...(most === undefined ? [] : [plural(most, "concurrent request")]),
  ];
}

/** "1 user", "2 users". */
export const plural = (amount: number, noun: string): string =>
  `${count(amount)} ${noun}${amount === 1 ? "" : "s"}`;

const UNITS = [
  { seconds: 86_400, word: "day" },
  { seconds: 3600, word: "hour" },
  { seconds: 60, word: "minute" },
];

/** "hour", "15 minutes", "90 seconds": in the largest unit that divides the time. */
function span(seconds: number): string {
  const unit = UNITS.find((each) => seconds % each.seconds === 0) ?? { seconds: 1, word: "second" };
  const amount = seconds / unit.seconds;
  return amount === 1 ? unit.word : plural(amount, unit.word);
}
