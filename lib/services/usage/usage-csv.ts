import type { UsageRow } from "./usage-report";

/** RFC 4180's line end. */
const EOL = "\r\n";
/** A spreadsheet takes a cell that begins like this for a formula, and runs it. */
const FORMULA = /^[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/;

/**
 * A usage report as CSV, for spreadsheets: no cell of it is a formula, whatever somebody has called a
 * model, a user or a tag (an apostrophe stands before it then).
 */
export function usageCsv(rows: readonly UsageRow[], hasNames: boolean): string {
  const header = ["group", "requests", "input_tokens", "output_tokens", "cost_usd", "errors"];
  const lines = [
    hasNames ? [...header, "name"] : header,
    ...rows.map((row) => [
      text(row.group),
      String(row.requests),
      String(row.input_tokens),
      String(row.output_tokens),
      row.cost_usd,
      String(row.errors),
      ...(hasNames ? [text(row.name)] : []),
    ]),
  ];
  return lines.map((cells) => cells.map(quoted).join(",") + EOL).join("");
}

function text(value: string | null | undefined): string {
  if (value === null || value === undefined) return "";
  return FORMULA.test(value) ? `'${value}` : value;
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
