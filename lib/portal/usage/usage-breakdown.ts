import { invalidField } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { topUsage } from "#lib/services/usage/top-usage";
import { isOfCallers, type UsageGroup } from "#lib/services/usage/usage-question";
import { usageReport } from "#lib/services/usage/usage-report";
import { reportQuery, type UsageBreakdownQuery } from "./report-query";
import { chartUnit, stackedBy, type UsageChart, usageChart } from "./usage-chart";
import { countDays, daysBefore, type UsageDays, type UsagePeriod, windowBefore } from "./usage-period";
import type { UsageTotals } from "./usage-sums";
import { tableBounds, totalsOf, type UsageTable, usageTable } from "./usage-table";

/** With the name of the days, if they have one. */
export type NamedBreakdownQuery = UsageBreakdownQuery & { period: UsagePeriod | null };

export type UsageBreakdown = {
  totals: UsageTotals;
  /** Of the days before. `isPart`: only until the same time, because the days have not ended. */
  before: { totals: UsageTotals; days: UsageDays; isPart: boolean };
  table: UsageTable;
  chart: UsageChart & { stackedBy: UsageGroup };
  /** As the report has it. */
  completeFrom: string | null;
};

/** A month of the hours of thousands of callers would take seconds to add up. */
const MOST_DAYS_OF_CALLERS_HOURS = 7;

/**
 * Breaks usage down as far as the actor may see it. Three reports of the Admin API: by the groups, over time, and of the days
 * before. Where a request counts in several groups, the totals count it once.
 * @param now for tests
 * @throws ServiceError "invalid"
 */
export async function usageBreakdown(
  ctx: ServiceContext,
  query: NamedBreakdownQuery,
  now: Date = new Date(),
): Promise<UsageBreakdown> {
  const { days, groups, filters, period } = query;
  if (groups.includes("hour") && groups.some(isOfCallers) && countDays(days) > MOST_DAYS_OF_CALLERS_HOURS)
    throw invalidField(
      "group",
      "Hours of users, keys, apps, tags or metadata: choose seven days at most, or group by day.",
    );
  const stack = stackedBy(groups);
  const chartGroups: UsageGroup[] = [chartUnit(days), stack];
  const before = daysBefore(days, period);
  const { isPart, ...window } = windowBefore(days, before, now);
  const [report, overTime, earlier] = await Promise.all([
    topUsage(ctx, { ...reportQuery(query), ...tableBounds(groups) }),
    usageReport(ctx, reportQuery({ ...query, groups: chartGroups })),
    usageReport(ctx, { ...window, group_by: "day", ...filters }),
  ]);
  return {
    totals: totalsOf(groups.includes("tag") ? overTime.data : [report.all]),
    before: { totals: totalsOf(earlier.data), days: before, isPart },
    table: usageTable(report, groups),
    chart: { ...usageChart(overTime.data, days, now), stackedBy: stack },
    completeFrom: report.complete_from,
  };
}
