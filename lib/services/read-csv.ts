import { invalidField } from "#lib/http/errors";

/**
 * Reads CSV (RFC 4180, also with semicolons, as some spreadsheets write it) into rows by the names of its first line.
 * Empty lines are left out.
 * @param field that the text is sent as, for errors
 * @throws ServiceError "invalid" for a text without rows, a quote that is not closed, or a line of another length
 */
export function readCsv(text: string, field: string): Record<string, string>[] {
  const lines = cellsOf(text.replace(/^\uFEFF/, ""), field).filter((cells) =>
    cells.some((cell) => cell !== ""),
  );
  const [head, ...rows] = lines;
  if (head === undefined || rows.length === 0) {
    throw invalidField(field, "Send a first line with the names of the columns, and a line for each row.");
  }
  const names = head.map((name) => name.trim());
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined)
    throw invalidField(field, `The column "${repeated.slice(0, 80)}" is there twice.`);
  return rows.map((cells, at) => {
    if (cells.length !== names.length) {
      throw invalidField(
        field,
        `Row ${at + 1} has ${cells.length} cells, and there are ${names.length} columns.`,
      );
    }
    return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ""]));
  });
}

/** By separator: a cell, quoted or not, and what ends it. */
const CELLS = {
  ",": /(?:"((?:[^"]|"")*)"|([^"\r\n,]*))(,|\r\n|\n|\r|$)/y,
  ";": /(?:"((?:[^"]|"")*)"|([^"\r\n;]*))(;|\r\n|\n|\r|$)/y,
} as const;

function cellsOf(text: string, field: string): string[][] {
  const separator = /^[^\r\n]*/.exec(text)?.[0].includes(",") ? "," : ";";
  const cell = new RegExp(CELLS[separator]);
  const lines: string[][] = [];
  let line: string[] = [];
  while (cell.lastIndex < text.length || line.length > 0) {
    const match = cell.exec(text);
    if (match === null) {
      throw invalidField(
        field,
        `Line ${lines.length + 1}: a quote is not closed, or stands inside of a cell.`,
      );
    }
    const [, quoted, plain = "", end] = match;
    line.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end === separator) {
      if (cell.lastIndex >= text.length) line.push("");
      else continue;
    }
    lines.push(line);
    line = [];
    if (cell.lastIndex >= text.length) break;
  }
  return lines;
}
