/** The unit of a figure, which decides its format. */
export type Unit = "usd" | "count";

export type Series = {
  label: string;
  /** A CSS color: one of the chart tokens of app/globals.css. */
  color: string;
};

/** One bar: its start (ISO, UTC) and a figure per series; amounts are exact decimal strings. */
export type ChartBar = { start: string; figures: readonly (string | number)[]; total: string | number };

export type ChartData = {
  unit: Unit;
  series: readonly Series[];
  bars: readonly ChartBar[];
  barHours: number;
  /** Whether the period of the last bar has ended. By default it has not. */
  hasEnded?: boolean;
};
