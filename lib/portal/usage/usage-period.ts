/** The periods that the usage page offers by name. All but `yesterday` and `last-month` end with today. */
export const USAGE_PERIODS = ["today", "yesterday", "7d", "30d", "90d", "month", "last-month"] as const;
export type UsagePeriod = (typeof USAGE_PERIODS)[number];

/** Days of a calendar, YYYY-MM-DD, both inclusive. */
export type UsageDays = { first: string; last: string };

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

/** The day that lies that many days later. */
export const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** How many days these are. */
export const countDays = ({ first, last }: UsageDays): number =>
  Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;

const startOfMonth = (day: string) => `${day.slice(0, 7)}-01`;

/** The days of a period. */
export function daysOf(period: UsagePeriod, today: string): UsageDays {
  const yesterday = plusDays(today, -1);
  const endOfLastMonth = plusDays(startOfMonth(today), -1);
  switch (period) {
    case "today":
      return { first: today, last: today };
    case "yesterday":
      return { first: yesterday, last: yesterday };
    case "month":
      return { first: startOfMonth(today), last: today };
    case "last-month":
      return { first: startOfMonth(endOfLastMonth), last: endOfLastMonth };
    default:
      return { first: plusDays(today, 1 - Number.parseInt(period, 10)), last: today };
  }
}

/** The days before others, to compare them with: as many, or the month before a month. */
export function daysBefore(days: UsageDays, period: UsagePeriod | null): UsageDays {
  const last = plusDays(days.first, -1);
  const isMonth = period === "month" || period === "last-month";
  return { first: isMonth ? startOfMonth(last) : plusDays(days.first, -countDays(days)), last };
}

/** What a period is compared with: `from` and `to` as a report takes them. */
export type ComparedWindow = {
  from: string;
  to: string;
  /** Whether it ends at the same time of day as the period that has not ended yet, and not with its last day. */
  isPart: boolean;
};

/**
 * The window before a period. If the period has not ended, the window lasts as long as the period until now, so that half a day
 * is not compared with a whole one.
 */
export function windowBefore(days: UsageDays, before: UsageDays, now: Date): ComparedWindow {
  const startMs = Date.parse(days.first);
  if (now.getTime() >= Date.parse(plusDays(days.last, 1))) {
    return { from: before.first, to: days.first, isPart: false };
  }
  const elapsedMs = Math.max(0, Math.floor((now.getTime() - startMs) / QUARTER_MS) * QUARTER_MS);
  const endMs = Math.min(Date.parse(before.first) + elapsedMs, startMs);
  return { from: before.first, to: new Date(endMs).toISOString(), isPart: endMs < startMs };
}
