import { count } from "#components/format/count";
import { groupText, groupWords } from "#components/format/usage-words";
import type { UsageTotals } from "#lib/portal/usage/usage-sums";
import type { UsageOthers, UsageTable, UsageTableGroup } from "#lib/portal/usage/usage-table";
import type { UsageGroup } from "#lib/services/usage/usage-question";

/** Which group a line is about: one of the table's groups, or one within it. */
export type UsagePath = readonly { group: UsageGroup; value: string | null }[];

/** A line of the table. `path` is null for the sum of what is not shown. */
type Line = { key: string; label: string; path: UsagePath | null; depth: 0 | 1; sums: UsageTotals };

/** A line as it is shown. `href`: the page of the group's own usage; null if there is none. */
export type UsageTableLine = Omit<Line, "path"> & { href: string | null; isOthers: boolean };

/** The lines of a table from top to bottom. */
export function usageLines(
  { groups, others }: UsageTable,
  [outer = "model", inner]: readonly UsageGroup[],
  hrefOf: (path: UsagePath) => string | null,
): UsageTableLine[] {
  const lines = groups.flatMap((group) => linesOf(group, outer, inner));
  if (others !== null) lines.push(othersLine(others, outer, "others", 0));
  return lines.map(({ path, sums, ...line }) => ({
    ...line,
    sums: onlyTotals(sums),
    href: path && hrefOf(path),
    isOthers: path === null,
  }));
}

/** Without what groups have besides, so that no more is sent to the browser. */
const onlyTotals = ({ costUsd, requests, errors, inputTokens, cachedTokens, outputTokens }: UsageTotals) => ({
  ...{ costUsd, requests, errors },
  ...{ inputTokens, cachedTokens, outputTokens },
});

function linesOf(group: UsageTableGroup, outer: UsageGroup, inner: UsageGroup | undefined): Line[] {
  const path = [{ group: outer, value: group.group }];
  const own: Line = {
    key: JSON.stringify(group.group),
    label: groupText(outer, group.group, group.name),
    path,
    depth: 0,
    sums: group,
  };
  if (inner === undefined) return [own];
  const within = group.within.map(
    (each): Line => ({
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

const othersLine = (sums: UsageOthers, group: UsageGroup, key: string, depth: 0 | 1): Line => ({
  key,
  label: `${count(sums.groups)} other ${groupWords(group).many}`,
  path: null,
  depth,
  sums,
});
