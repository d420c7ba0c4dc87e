import { z } from "zod";

/** A download. */
export const CsvFile = z.object({ fileName: z.string(), text: z.string() });

/** A download of any size, whose parts are made as they are read. */
export const CsvParts = z.object({ fileName: z.string(), parts: z.custom<AsyncIterable<string>>() });

/** The line break of RFC 4180. */
const EOL = "\r\n";
/**
 * Where a spreadsheet may start a formula: at the start of a cell, and after `;`, a tab or a line break, at which it may
 * split the cell when it reads another separator than the comma (OWASP, "CSV Injection").
 */
const FORMULA_START = /^(?=[\t\r\n])|(?<=^|[;\t\r\n])(?=[\s"]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20])/g;

/** Rows of cells as CSV (RFC 4180). */
export function csvOf(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => cells.map(quoted).join(",") + EOL).join("");
}

/** A cell with text from users. An apostrophe keeps it, and any part of it, from being a formula. */
export function csvText(value: string | null | undefined): string {
  if (value === null || value === undefined) return "";
  return value.replace(FORMULA_START, "'");
}

const quoted = (cell: string) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
