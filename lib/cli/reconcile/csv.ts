import { wrongUsage } from "#lib/cli/failure";

/** A table of text: cells by column name, and the line where each row starts. */
export type CsvTable = { columns: readonly string[]; rows: readonly CsvRow[] };
export type CsvRow = { line: number; cells: Readonly<Record<string, string>> };

/**
 * Reads a CSV with a header (RFC 4180, and the semicolons and tabs of spreadsheets). Column names become lower
 * case with underscores.
 * @throws CliError "usage" for a file without a header or with an unclosed quote
 */
export function parseCsv(text: string, path: string): CsvTable {
  const lines = records(text.replace(/^\uFEFF/, ""), path);
  const [header, ...rest] = lines;
  if (header === undefined) throw wrongUsage(`${path} is empty.`);
  const columns = header.cells.map((name) => name.trim().toLowerCase().replaceAll(/\s+/g, "_"));
  return {
    columns,
    rows: rest.map(({ line, cells }) => ({
      line,
      cells: Object.fromEntries(columns.map((name, at) => [name, cells[at]?.trim() ?? ""])),
    })),
  };
}

function records(text: string, path: string): { line: number; cells: string[] }[] {
  const separator = separatorOf(text);
  const found: { line: number; cells: string[] }[] = [];
  let [line, begun] = [1, 1];
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  const endRow = () => {
    cells.push(cell);
    if (cells.length > 1 || cell !== "") found.push({ line: begun, cells });
    cells = [];
    cell = "";
    begun = line;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\n") line += 1;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === separator) {
      cells.push(cell);
      cell = "";
    } else if (character === "\n") endRow();
    else if (character !== "\r") cell += character;
  }
  if (quoted) throw wrongUsage(`${path}: unclosed quote on line ${begun}.`);
  endRow();
  return found;
}

function separatorOf(text: string): string {
  const [header = ""] = text.split("\n", 1);
  return [",", ";", "\t"].find((separator) => header.includes(separator)) ?? ",";
}
