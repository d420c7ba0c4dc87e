/** What a figure counts, and so how it is written. */
export type Unit = "usd" | "count";

export type Series = {
  label: string;
  /** A CSS colour: one of the chart tokens of app/globals.css. */
  color: string;
};

/** One bar: where it starts (ISO, UTC), and a figure for each series; money as exact decimal text. */
export type ChartBar = { start: string; figures: readonly (string | number)[]; total: string | number };

export type ChartData = {
  unit: Unit;
  series: readonly Series[];
  bars: readonly ChartBar[];
  barHours: number;
};
