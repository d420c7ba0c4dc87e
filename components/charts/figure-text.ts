import { count } from "#components/format/count";
import { fixedUsd } from "#components/format/usd";
import type { ChartBar, Unit } from "./series";

/** The number of decimals for all amounts of a chart, so that the largest bar has about four digits. */
export function decimalsFor(bars: readonly ChartBar[]): number {
  const most = Math.max(...bars.map((bar) => Number(bar.total)));
  return most >= 10 ? 2 : most >= 0.1 ? 4 : 6;
}

/** A figure of a chart as text. */
export const figureText = (figure: string | number, unit: Unit, decimals: number): string =>
  unit === "usd" ? fixedUsd(String(figure), decimals) : count(Number(figure));
