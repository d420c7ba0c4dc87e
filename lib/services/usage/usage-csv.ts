import { csvOf, csvText } from "#lib/services/csv";
import type { UsageRow } from "./usage-report";

/** A usage report as CSV, for spreadsheets: no cell of it is a formula. */
export function usageCsv(rows: readonly UsageRow[], hasNames: boolean): string {
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
