import { parseUsd } from "#lib/credit/money";
import type { UsageRow } from "#lib/services/usage/usage-report";
import { addUp, toTotals, type UsageSums, type UsageTotals } from "./usage-sums";

/** The usage of a group: `name` is null where such groups have none, and of those that were deleted. */
export type UsageLine = UsageTotals & { group: string | null; name: string | null };
/** What is too much to show, in one sum. */
export type UsageOthers = UsageTotals & { groups: number };
/** A group, with the groups of the second level within it. */
export type UsageTableGroup = UsageLine & { within: UsageLine[]; othersWithin: UsageOthers | null };
export type UsageTable = { groups: UsageTableGroup[]; others: UsageOthers | null };

export const MOST_LINES = 100;
/** Of groups that have groups within them: a month of days, each with a few. */
const MOST_OUTER_LINES = 31;
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

/**
 * The rows of a report for a page: about a hundred lines, and the rest in sums.
 * @param rows in the order of the report: times in order, others by cost
 * @param latestFirst for each level whether it is by time, of which the latest is shown first
 * @param all the sums of all groups, if the rows are only the most expensive ones
 */
export function usageTable(
  rows: readonly UsageRow[],
  latestFirst: readonly boolean[],
  all: (ReportSums & { groups: number }) | null = null,
): UsageTable {
  const [isByTime = false, isByTimeWithin = false] = latestFirst;
  const hasWithin = latestFirst.length > 1;
  const outer = [...rowsByGroup(rows).values()];
  if (isByTime) outer.reverse();
  const { shown, rest } = split(outer, hasWithin ? MOST_OUTER_LINES : MOST_LINES, all?.groups);
  const mostWithin = Math.max(FEWEST_WITHIN, Math.floor(MOST_LINES / Math.max(1, shown.length)));
  return {
    groups: shown.map((each) => {
      const line = { group: each[0]?.group ?? null, name: each[0]?.name ?? null, ...totalsOf(each) };
      if (!hasWithin) return { ...line, within: [], othersWithin: null };
      const within = split(isByTimeWithin ? each.toReversed() : each, mostWithin);
      return {
        ...line,
        within: within.shown.map((row) => ({
          group: row.subgroup ?? null,
          name: row.subgroup_name ?? null,
          ...totalsOf([row]),
        })),
        othersWithin: othersOf(within.rest, within.rest.length),
      };
    }),
    others:
      all === null || all.groups === shown.length
        ? othersOf(rest.flat(), rest.length)
        : {
            ...toTotals(without(sumsOf(all), addUp(shown.flat().map(sumsOf)))),
            groups: all.groups - shown.length,
          },
  };
}

const without = (all: UsageSums, shown: UsageSums): UsageSums => ({
  costPicoUsd: all.costPicoUsd - shown.costPicoUsd,
  requests: all.requests - shown.requests,
  errors: all.errors - shown.errors,
  inputTokens: all.inputTokens - shown.inputTokens,
  cachedTokens: all.cachedTokens - shown.cachedTokens,
  outputTokens: all.outputTokens - shown.outputTokens,
});

function rowsByGroup(rows: readonly UsageRow[]): Map<string | null, UsageRow[]> {
  const groups = new Map<string | null, UsageRow[]>();
  for (const row of rows) {
    const known = groups.get(row.group);
    if (known === undefined) groups.set(row.group, [row]);
    else known.push(row);
  }
  return groups;
}

/** A single one more is shown rather than called another. */
const split = <Row>(rows: readonly Row[], most: number, rowsInAll = rows.length) =>
  rowsInAll <= most + 1 ? { shown: rows, rest: [] } : { shown: rows.slice(0, most), rest: rows.slice(most) };

const othersOf = (rows: readonly UsageRow[], groups: number): UsageOthers | null =>
  rows.length === 0 ? null : { ...totalsOf(rows), groups };

/** The exact sum of rows. */
export const totalsOf = (rows: readonly ReportSums[]): UsageTotals => toTotals(addUp(rows.map(sumsOf)));
