import { parseUsd } from "#lib/credit/money";
import type { TopUsage } from "#lib/services/usage/top-usage";
import { isCaller, isTime, type UsageGroup } from "#lib/services/usage/usage-question";
import type { UsageRow } from "#lib/services/usage/usage-report";
import { addUp, toTotals, type UsageSums, type UsageTotals } from "./usage-sums";

/** The usage of a group: `name` is null where such groups have none, and of those that were deleted. */
export type UsageLine = UsageTotals & { group: string | null; name: string | null };
/** What is too much to show, in one sum. */
export type UsageOthers = UsageTotals & { groups: number };
/** A group, with the groups of the second level within it. */
export type UsageTableGroup = UsageLine & { within: UsageLine[]; othersWithin: UsageOthers | null };
export type UsageTable = { groups: UsageTableGroup[]; others: UsageOthers | null };

const MOST_LINES = 100;
/** Of groups that have groups within them: a month of days, each with a few. */
const MOST_OUTER_LINES = 31;
/** Of the hours or days of callers, or their callers: there may be a thousand within each, and all of them are read. */
const MOST_OUTER_OF_CALLERS = 7;
const FEWEST_WITHIN = 3;

/** What a report sums up, of a group or of all. */
type ReportSums = Pick<
  UsageRow,
  "requests" | "errors" | "input_tokens" | "cached_tokens" | "output_tokens" | "cost_usd"
>;

const sumsOf = (row: ReportSums): UsageSums => ({
  costPicoUsd: parseUsd(row.cost_usd),
  requests: row.requests,
  errors: row.errors,
  inputTokens: row.input_tokens,
  cachedTokens: row.cached_tokens,
  outputTokens: row.output_tokens,
});

function mostOuter(groups: readonly UsageGroup[]): number {
  if (groups.length < 2) return MOST_LINES;
  return groups.some(isTime) && groups.some(isCaller) ? MOST_OUTER_OF_CALLERS : MOST_OUTER_LINES;
}

/** What to ask for to show it. */
export const tableBounds = (groups: readonly UsageGroup[]) => ({
  most: mostOuter(groups) + 1,
  lines: MOST_LINES,
  fewest_within: FEWEST_WITHIN,
});

/** A report for a page: about a hundred lines, and the rest in sums. */
export function usageTable(
  { data, all }: Pick<TopUsage, "data" | "all">,
  groups: readonly UsageGroup[],
): UsageTable {
  const shown = split(data, all.groups, mostOuter(groups));
  const mostWithin = Math.max(FEWEST_WITHIN, Math.floor(MOST_LINES / Math.max(1, shown.length)));
  return {
    groups: shown.map((each) => {
      const within = split(each.within, each.groups, mostWithin);
      return {
        ...lineOf(each),
        within: within.map(lineOf),
        othersWithin: groups.length > 1 ? othersOf(each, each.groups, within) : null,
      };
    }),
    others: othersOf(all, all.groups, shown),
  };
}

const lineOf = (line: ReportSums & Pick<UsageLine, "group" | "name">): UsageLine => ({
  group: line.group,
  name: line.name,
  ...toTotals(sumsOf(line)),
});

/** A single one more is shown rather than called another. */
const split = <Row>(rows: readonly Row[], groups: number, most: number): readonly Row[] =>
  groups <= most + 1 ? rows : rows.slice(0, most);

function othersOf(all: ReportSums, groups: number, shown: readonly ReportSums[]): UsageOthers | null {
  if (groups === shown.length) return null;
  const [sums, known] = [sumsOf(all), addUp(shown.map(sumsOf))];
  return {
    groups: groups - shown.length,
    ...toTotals({
      costPicoUsd: sums.costPicoUsd - known.costPicoUsd,
      requests: sums.requests - known.requests,
      errors: sums.errors - known.errors,
      inputTokens: sums.inputTokens - known.inputTokens,
      cachedTokens: sums.cachedTokens - known.cachedTokens,
      outputTokens: sums.outputTokens - known.outputTokens,
    }),
  };
}

/** The exact sum of rows. */
export const totalsOf = (rows: readonly ReportSums[]): UsageTotals => toTotals(addUp(rows.map(sumsOf)));
