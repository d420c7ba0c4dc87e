import { count } from "#components/format/count";
import { shortUsd } from "#components/format/usd";
import type { Unit } from "./series";

/** A figure of a chart in words. */
export const figureText = (figure: string | number, unit: Unit): string =>
  unit === "usd" ? shortUsd(String(figure)) : count(Number(figure));
