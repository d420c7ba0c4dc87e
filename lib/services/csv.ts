/** RFC 4180's line end. */
const EOL = "\r\n";
/** A spreadsheet takes a cell that begins like this for a formula, and runs it. */
const FORMULA = /^[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/;

/** Lines of cells as CSV (RFC 4180), for spreadsheets. */
export function csvOf(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => cells.map(quoted).join(",") + EOL).join("");
}

/** A cell of somebody's words, which is no formula, whatever they are (an apostrophe stands before it then). */
export function csvText(value: string | null | undefined): string {
  if (value === null || value === undefined) return "";
  return FORMULA.test(value) ? `'${value}` : value;
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
