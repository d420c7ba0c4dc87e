/** `from` is inclusive, `to` exclusive. */
export type ReportWindow = { from: Date; to: Date };

/** Whole quarter hours or a longer unit of a rollup, which are added, or taken away from a longer stretch around them. */
export type Stretch = ReportWindow & { unitMs: number; isAdded: boolean };

/** A window by what has its sums: whole quarter hours, stretches of rollups that add up to them, and the rest at either end. */
export type SplitWindow = { whole: ReportWindow | null; stretches: Stretch[]; rest: ReportWindow[] };

export const QUARTER_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Splits a window by units of rollups.
 * @param unitsMs the longest first, each a multiple of the next; the last one a quarter hour
 * @param mayOverlap whether stretches may go beyond the window, with others that take away what is outside of it: for sums
 *   that do not tell times apart, which then read few rows
 */
export function splitWindow(
  { from, to }: ReportWindow,
  unitsMs: readonly number[],
  mayOverlap: boolean,
): SplitWindow {
  const start = Math.ceil(from.getTime() / QUARTER_MS) * QUARTER_MS;
  const end = Math.floor(to.getTime() / QUARTER_MS) * QUARTER_MS;
  if (start > end) return { whole: null, stretches: [], rest: nonEmpty([{ from, to }]) };
  const whole = { from: new Date(start), to: new Date(end) };
  return {
    whole: start < end ? whole : null,
    stretches: cover(start, end, unitsMs, mayOverlap ? Math.round : null, true),
    rest: nonEmpty([
      { from, to: whole.from },
      { from: whole.to, to },
    ]),
  };
}

/** @param nearest how a time becomes a whole number of units; null: stretches stay inside */
function cover(
  startMs: number,
  endMs: number,
  [unitMs, ...finer]: readonly number[],
  nearest: ((units: number) => number) | null,
  isAdded: boolean,
): Stretch[] {
  if (unitMs === undefined || startMs === endMs) return [];
  const first = (nearest ?? Math.ceil)(startMs / unitMs) * unitMs;
  const last = (nearest ?? Math.floor)(endMs / unitMs) * unitMs;
  if (first >= last) return cover(startMs, endMs, finer, nearest, isAdded);
  const between = (fromMs: number, toMs: number) =>
    fromMs <= toMs
      ? cover(fromMs, toMs, finer, nearest, isAdded)
      : cover(toMs, fromMs, finer, nearest, !isAdded);
  return [
    { from: new Date(first), to: new Date(last), unitMs, isAdded },
    ...between(startMs, first),
    ...between(last, endMs),
  ];
}

const nonEmpty = (windows: readonly ReportWindow[]) => windows.filter(({ from, to }) => from < to);
