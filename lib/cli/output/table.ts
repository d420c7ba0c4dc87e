import type { Output } from "#lib/cli/io";
import { bold, dim } from "./style";
import { cut, oneLine, padEnd, padStart, textWidth } from "./text-width";

export type Column<Row> = {
  title: string;
  value: (row: Row) => string | number | null | undefined;
  align?: "right";
  /** May be cut where the terminal is narrow: names may, ids and money may not. */
  mayShrink?: boolean;
};

const GAP = "  ";
const NOTHING = "–";
/** A column that shrinks keeps at least this much. */
const LEAST_WIDTH = 10;

/**
 * The lines of a table. In a terminal that is too narrow for it, columns that may be cut are; if that
 * is not enough, each row becomes a block of its own.
 */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  output: Pick<Output, "columns" | "colour">,
): string[] {
  const cells = rows.map((row) => columns.map((column) => cellText(column.value(row))));
  const natural = columns.map((column, at) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[at] ?? ""))),
  );
  const widths = fitted(columns, natural, output.columns);
  if (widths === null) return blocks(columns, cells, output);
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

/** Label and value, one a line. */
export function factLines(
  facts: readonly (readonly [string, string | number | null | undefined])[],
  output: Pick<Output, "colour">,
): string[] {
  const width = Math.max(0, ...facts.map(([label]) => textWidth(label)));
  return facts.map(([label, value]) => `${dim(output, padEnd(label, width))}${GAP}${cellText(value)}`);
}

/** The columns' widths, or null where the terminal is too narrow for any. */
function fitted(
  columns: readonly Column<never>[],
  natural: readonly number[],
  available: number | null,
): number[] | null {
  const widths = [...natural];
  let excess = sum(widths) + GAP.length * (widths.length - 1) - (available ?? Number.POSITIVE_INFINITY);
  while (excess > 0) {
    // The widest gives first, so that columns of names end up equally wide.
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
  cells: readonly string[][],
  output: Pick<Output, "colour">,
): string[] {
  return cells.flatMap((line, at) => [
    ...(at === 0 ? [] : [""]),
    ...factLines(
      columns.map((column, index) => [column.title, line[index]]),
      output,
    ),
  ]);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function cellText(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  return typeof value === "number" ? value.toLocaleString("en-US") : oneLine(value);
}
