import { CsvFile, csvOf, csvText } from "#lib/services/csv";
import { verb } from "#lib/services/verb";
import { readUsage, UsageReportQuery, type UsageRow } from "./usage-report";
import { NAMED_GROUPS } from "./usage-rows";

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
    return {
      fileName: `usage-by-${query.group_by}.csv`,
      text: usageCsvText(data, NAMED_GROUPS.has(query.group_by)),
    };
  },
});

/** The rows of a report as CSV, without formulas. */
export function usageCsvText(rows: readonly UsageRow[], hasNames: boolean): string {
  const header = ["group", "requests", "input_tokens", "output_tokens", "cost_usd", "errors"];
  return csvOf([
    hasNames ? [...header, "name"] : header,
    ...rows.map((row) => [
      csvText(row.group),
      String(row.requests),
      String(row.input_tokens),
      String(row.output_tokens),
      row.cost_usd,
      String(row.errors),
      ...(hasNames ? [csvText(row.name)] : []),
    ]),
  ]);
}
