import type { Output } from "#lib/cli/io";
import { bold, dim } from "./style";
import { cut, oneLine, padEnd, padStart, textWidth } from "./text-width";

export type Column<Row> = {
  title: string;
  value: (row: Row) => string | number | null | undefined;
  align?: "right";
  /** May be cut in a narrow terminal: names may, ids and money may not. */
  mayShrink?: boolean;
  /** May be left out when cutting is not enough: the last such column first. */
  mayGo?: boolean;
};

const GAP = "  ";
const NOTHING = "–";
/** The least width of a column that was cut. */
const LEAST_WIDTH = 16;

/**
 * The lines of a table. In a narrow terminal, columns that may shrink are cut, then columns that may go are
 * left out; if that is not enough, each row becomes a block.
 */
export function tableLines<Row>(
  all: readonly Column<Row>[],
  rows: readonly Row[],
  output: Pick<Output, "columns" | "colour">,
): string[] {
  for (let columns = all; ; ) {
    const lines = linesOf(columns, rows, output);
    if (lines !== null) return lines;
    const least = columns.findLastIndex((column) => column.mayGo);
    if (least === -1) return blocks(all, rows, output);
    columns = columns.toSpliced(least, 1);
  }
}

/** Null when the terminal is too narrow for these columns. */
function linesOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  output: Pick<Output, "columns" | "colour">,
): string[] | null {
  const cells = rows.map((row) => columns.map((column) => cellText(column.value(row))));
  const natural = columns.map((column, at) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[at] ?? ""))),
  );
  const widths = fitted(columns, natural, output.columns);
  if (widths === null) return null;
  const line = (texts: readonly string[]) =>
    columns
      .map((column, at) => {
        const width = widths[at] ?? 0;
        const text = cut(texts[at] ?? "", width);
        return column.align === "right" ? padStart(text, width) : padEnd(text, width);
      })
      .join(GAP)
      .trimEnd();
  return [bold(output, line(columns.map((column) => column.title))), ...cells.map(line)];
}

/** A label and a value. */
export type Fact = readonly [string, string | number | null | undefined];

/** Label and value, one a line. */
export function factLines(facts: readonly Fact[], output: Pick<Output, "colour">): string[] {
  const width = Math.max(0, ...facts.map(([label]) => textWidth(label)));
  return facts.map(([label, value]) => `${dim(output, padEnd(label, width))}${GAP}${cellText(value)}`);
}

/** The columns' widths, or null when the terminal is too narrow. */
function fitted(
  columns: readonly Column<never>[],
  natural: readonly number[],
  available: number | null,
): number[] | null {
  const widths = [...natural];
  let excess = sum(widths) + GAP.length * (widths.length - 1) - (available ?? Number.POSITIVE_INFINITY);
  while (excess > 0) {
    // Cut the widest first, so that columns of names end up equally wide.
    let widest = -1;
    for (const [at, column] of columns.entries()) {
      const width = widths[at] ?? 0;
      if (column.mayShrink && width > LEAST_WIDTH && width > (widths[widest] ?? 0)) widest = at;
    }
    if (widest === -1) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function blocks<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  output: Pick<Output, "colour">,
): string[] {
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : [""]),
    ...factLines(
      columns.map((column) => [column.title, column.value(row)]),
      output,
    ),
  ]);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function cellText(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  return typeof value === "number" ? value.toLocaleString("en-US") : oneLine(value);
}
