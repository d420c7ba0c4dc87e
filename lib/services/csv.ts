import { z } from "zod";

/** A download. */
export const CsvFile = z.object({ fileName: z.string(), text: z.string() });

/** The line break of RFC 4180. */
const EOL = "\r\n";
/** A spreadsheet runs a cell that starts like this as a formula. */
const FORMULA = /^[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/;

/** Rows of cells as CSV (RFC 4180). */
export function csvOf(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => cells.map(quoted).join(",") + EOL).join("");
}

/** A cell with text from users. A leading apostrophe keeps it from being a formula. */
export function csvText(value: string | null | undefined): string {
  if (value === null || value === undefined) return "";
  return FORMULA.test(value) ? `'${value}` : value;
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
