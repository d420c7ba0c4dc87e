import { count } from "#components/format/count";
import { groupText, groupWords } from "#components/format/usage-words";
import type { UsageTotals } from "#lib/portal/usage/usage-sums";
import type { UsageOthers, UsageTable, UsageTableGroup } from "#lib/portal/usage/usage-table";
import type { UsageGroup } from "#lib/services/usage/usage-question";

/** Which group a line is about: one of the table's groups, or one within it. */
export type UsagePath = readonly { group: UsageGroup; value: string | null }[];

/** A line of the table. `path` is null for the sum of what is not shown. */
export type UsageTableLine = {
  key: string;
  label: string;
  path: UsagePath | null;
  depth: 0 | 1;
  sums: UsageTotals;
};

/** The lines of a table from top to bottom. */
export function usageLines(
  { groups, others }: UsageTable,
  [outer = "model", inner]: readonly UsageGroup[],
): UsageTableLine[] {
  const lines = groups.flatMap((group) => linesOf(group, outer, inner));
  return others === null ? lines : [...lines, othersLine(others, outer, "others", 0)];
}

function linesOf(group: UsageTableGroup, outer: UsageGroup, inner: UsageGroup | undefined): UsageTableLine[] {
  const path = [{ group: outer, value: group.group }];
  const own: UsageTableLine = {
    key: JSON.stringify(group.group),
    label: groupText(outer, group.group, group.name),
    path,
    depth: 0,
    sums: group,
  };
  if (inner === undefined) return [own];
  const within = group.within.map(
    (each): UsageTableLine => ({
      key: JSON.stringify([group.group, each.group]),
      label: groupText(inner, each.group, each.name),
      path: [...path, { group: inner, value: each.group }],
      depth: 1,
      sums: each,
    }),
  );
  const rest = group.othersWithin;
  return [own, ...within, ...(rest === null ? [] : [othersLine(rest, inner, `${own.key} others`, 1)])];
}

const othersLine = (sums: UsageOthers, group: UsageGroup, key: string, depth: 0 | 1): UsageTableLine => ({
  key,
  label: `${count(sums.groups)} other ${groupWords(group).many}`,
  path: null,
  depth,
  sums,
});
