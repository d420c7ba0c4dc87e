import { utcDate } from "#components/format/time";
import { countDays, type UsageDays, type UsagePeriod } from "#lib/portal/usage/usage-period";

export const PERIOD_LABELS: Record<UsagePeriod, string> = {
  today: "Today",
  yesterday: "Yesterday",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
  month: "This month",
  "last-month": "Last month",
};

const IN_PERIOD: Record<UsagePeriod, string> = {
  today: "today so far",
  yesterday: "yesterday",
  "7d": "in the last 7 days",
  "30d": "in the last 30 days",
  "90d": "in the last 90 days",
  month: "this month so far",
  "last-month": "last month",
};

const BEFORE: Partial<Record<UsagePeriod, string>> = {
  month: "in the month before",
  "last-month": "in the month before",
};

/** "in the last 7 days", "from 3 Mar 2026 to 9 Mar 2026" */
export function periodWords({ first, last }: UsageDays, period: UsagePeriod | null): string {
  if (period !== null) return IN_PERIOD[period];
  return first === last ? `on ${utcDate(first, 0)}` : `from ${utcDate(first, 0)} to ${utcDate(last, 0)}`;
}

/** The days before them: "in the 7 days before" */
export function beforeWords(days: UsageDays, period: UsagePeriod | null): string {
  const many = countDays(days);
  return (period && BEFORE[period]) ?? (many === 1 ? "on the day before" : `in the ${many} days before`);
}
