import { wrongUsage } from "#lib/cli/failure";
import { readTextFile } from "#lib/cli/read-text-file";
import { type CsvRow, type CsvTable, parseCsv } from "./csv";
import { type Decimal, parseDecimal } from "./decimal";

export const FIGURES = ["input_tokens", "output_tokens", "cost_usd"] as const;
export type Figure = (typeof FIGURES)[number];

/** A provider's figures of a day and model; only those that its file has. */
export type ExportedUsage = { day: string; model: string; figures: ReadonlyMap<Figure, Decimal> };

/*
 * Names of columns: ours, and those of the exports of OpenAI's and Anthropic's consoles. Several names in one
 * entry are added up.
 */
const DAY = ["day", "date", "start_time_iso", "usage_date_utc", "timestamp", "start_time"];
const MODEL = ["model", "model_version", "snapshot_id", "line_item"];
const PARTS: Readonly<Record<Figure, readonly (readonly string[])[]>> = {
  input_tokens: [
    ["input_tokens"],
    ["prompt_tokens"],
    ["n_context_tokens_total"],
    [
      "usage_input_tokens_no_cache",
      "usage_input_tokens_cache_write_5m",
      "usage_input_tokens_cache_write_1h",
      "usage_input_tokens_cache_read",
    ],
  ],
  output_tokens: [
    ["output_tokens"],
    ["completion_tokens"],
    ["n_generated_tokens_total"],
    ["usage_output_tokens"],
  ],
  cost_usd: [["cost_usd"], ["cost"], ["amount_value"]],
};

/**
 * Reads a provider's usage export, and adds up the rows of a day and model.
 * @throws CliError "usage" that names the line and the problem
 */
export function readProviderExport(path: string): ExportedUsage[] {
  return parseProviderExport(readTextFile(path), path);
}

/** @throws CliError "usage" that names the line and the problem */
export function parseProviderExport(text: string, path: string): ExportedUsage[] {
  const table = parseCsv(text, path);
  const read = readerOf(table, path);
  const sums = new Map<string, { day: string; model: string; figures: Map<Figure, Decimal> }>();
  for (const row of table.rows) {
    const usage = read(row);
    if (usage === null) continue;
    const slot = `${usage.day} ${usage.model}`;
    const sum = sums.get(slot) ?? { ...usage, figures: new Map<Figure, Decimal>() };
    for (const [figure, value] of usage.figures)
      sum.figures.set(figure, (sum.figures.get(figure) ?? 0n) + value);
    sums.set(slot, sum);
  }
  return [...sums.values()];
}

/** The reader returns null for a row without figures, which is a day without usage. */
function readerOf({ columns }: CsvTable, path: string): (row: CsvRow) => ExportedUsage | null {
  const dayColumn = DAY.find((name) => columns.includes(name));
  const modelColumn = MODEL.find((name) => columns.includes(name));
  const parts = FIGURES.flatMap((figure) => {
    const names = PARTS[figure].find((those) => those.every((name) => columns.includes(name)));
    return names === undefined ? [] : [[figure, names] as const];
  });
  if (dayColumn === undefined || modelColumn === undefined || parts.length === 0) {
    throw wrongUsage(
      `${path} must have a column "day" (or "date"), a column "model", and "input_tokens", "output_tokens" or "cost_usd".`,
      `Its columns are: ${columns.join(", ")}.`,
    );
  }
  return ({ line, cells }) => {
    const wrong = (what: string) => wrongUsage(`${path}, line ${line}: ${what}`);
    const texts = parts.flatMap(([, names]) => names).map((name) => cells[name] ?? "");
    if (texts.every((text) => text === "")) return null;
    const day = dayOf(cells[dayColumn] ?? "");
    if (day === null) throw wrong(`"${cells[dayColumn]}" is not a day.`);
    const model = modelOf(modelColumn, cells[modelColumn] ?? "");
    if (model === "") throw wrong("no model. Export the file grouped by model.");
    const currency = cells.amount_currency || cells.currency || "usd";
    if (currency.toLowerCase() !== "usd") throw wrong(`the cost is in ${currency}, not in US dollars.`);
    const figures = parts.map(([figure, names]) => {
      const values = names.map((name) => {
        const value = parseDecimal((cells[name] || "0").replace(/^\$/, ""));
        if (value === null) throw wrong(`"${cells[name]}" in ${name} is not a number.`);
        return value;
      });
      return [figure, values.reduce((sum, value) => sum + value, 0n)] as const;
    });
    return { day, model, figures: new Map(figures) };
  };
}

/** OpenAI's costs are by line item, as "gpt-5-mini-2025-08-07, input". */
const modelOf = (column: string, cell: string) =>
  column === "line_item" ? cell.replace(/,[^,]*$/, "").trim() : cell;

/** The UTC day of a date, a time or a Unix time in seconds. */
function dayOf(cell: string): string | null {
  const time = /^\d{9,11}$/.test(cell) ? Number(cell) * 1000 : Date.parse(withZone(cell));
  return Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, 10);
}

/** A time without a zone is in UTC. */
const withZone = (cell: string) =>
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(cell) ? `${cell.replace(" ", "T")}Z` : cell;
