import type { UsageFilters, UsageGroup } from "#lib/services/usage/usage-question";
import { plusDays, type UsageDays } from "./usage-period";

/** What the usage page asks: UTC days, one or two groups, and filters. */
export type UsageBreakdownQuery = {
  days: UsageDays;
  groups: readonly UsageGroup[];
  filters: UsageFilters;
};

/** The same as `GET /usage` takes it: the report that the page shows as a table and offers as CSV. */
export const reportQuery = ({ days, groups, filters }: UsageBreakdownQuery) => ({
  from: days.first,
  to: plusDays(days.last, 1),
  group_by: [...groups],
  ...filters,
});
