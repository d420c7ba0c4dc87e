import { CsvFile, csvOf, csvText } from "#lib/services/csv";
import { verb } from "#lib/services/verb";
import type { UsageGroup } from "./usage-question";
import { isNamed } from "./usage-question";
import { groupsOf, readUsage, UsageReportQuery, type UsageRow } from "./usage-report";

/**
 * Returns a usage report as CSV.
 * @throws ServiceError "invalid"
 */
export const usageCsv = verb({
  role: "viewer",
  input: UsageReportQuery,
  output: CsvFile,
  run: async (ctx, query) => {
    const { data } = await readUsage(ctx, query);
    const groups = groupsOf(query);
    return { fileName: fileName(groups), text: usageCsvText(data, groups) };
  },
});

/** Names of metadata may have characters that names of files, and headers, may not. */
const fileName = (groups: readonly UsageGroup[]) =>
  `usage-by-${groups.map((group) => group.replace(/[^\w-]+/g, "-")).join("-and-")}.csv`;

type Column = { header: string; cell: (row: UsageRow) => string };

/** The rows of a report as CSV, without formulas. */
export function usageCsvText(rows: readonly UsageRow[], [first, second]: readonly UsageGroup[]): string {
  const columns: Column[] = [
    { header: "group", cell: (row) => csvText(row.group) },
    ...(second === undefined ? [] : [{ header: "subgroup", cell: (row: UsageRow) => csvText(row.subgroup) }]),
    ...FIGURES,
    ...(isNamed(first) ? [{ header: "name", cell: (row: UsageRow) => csvText(row.name) }] : []),
    ...(isNamed(second)
      ? [{ header: "subgroup_name", cell: (row: UsageRow) => csvText(row.subgroup_name) }]
      : []),
    ...NEWER_FIGURES,
  ];
  return csvOf([
    columns.map(({ header }) => header),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ]);
}

const figure = (
  header: Exclude<keyof UsageRow, "group" | "name" | "subgroup" | "subgroup_name">,
): Column => ({
  header,
  cell: (row) => String(row[header] ?? ""),
});

const FIGURES: readonly Column[] = [
  figure("requests"),
  figure("input_tokens"),
  figure("output_tokens"),
  figure("cost_usd"),
  figure("errors"),
];

/** Last, so that earlier columns stay where spreadsheets have them. */
const NEWER_FIGURES: readonly Column[] = [
  figure("cached_tokens"),
  figure("latency_ms_p50"),
  figure("latency_ms_p95"),
  figure("ttft_ms_p50"),
  figure("ttft_ms_p95"),
];
