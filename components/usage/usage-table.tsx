import type { UsageTotals } from "#lib/portal/usage/usage-sums";
import type { UsageTable as Report } from "#lib/portal/usage/usage-table";
import type { UsageGroup } from "#lib/services/usage/usage-question";
import { type UsagePath, usageLines } from "./usage-lines";
import { UsageRows } from "./usage-rows";

type Props = {
  report: Report;
  totals: UsageTotals;
  groups: readonly UsageGroup[];
  /** The page of a group's own usage; null if there is none. */
  hrefOf: (path: UsagePath) => string | null;
};

/** A report by one or two groups, with its total, and the share of each line in the cost. */
export const UsageTable = ({ report, totals, groups, hrefOf }: Props) => (
  <UsageRows lines={usageLines(report, groups, hrefOf)} totals={totals} groups={groups} />
);
