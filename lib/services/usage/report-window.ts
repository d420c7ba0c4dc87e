/** `from` is inclusive, `to` exclusive. */
export type ReportWindow = { from: Date; to: Date };

/** A window by what has its sums: whole UTC days, other whole quarter hours, and the rest at either end. */
export type SplitWindow = {
  days: ReportWindow | null;
  quarters: ReportWindow[];
  rest: ReportWindow[];
};

export const QUARTER_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Splits a window at quarter hours, and those at UTC days unless `withDays` is false. */
export function splitWindow({ from, to }: ReportWindow, withDays = true): SplitWindow {
  const quarters = within({ from, to }, QUARTER_MS);
  if (quarters === null) return { days: null, quarters: [], rest: nonEmpty([{ from, to }]) };
  const rest = nonEmpty([
    { from, to: quarters.from },
    { from: quarters.to, to },
  ]);
  const days = withDays ? within(quarters, DAY_MS) : null;
  if (days === null) return { days: null, quarters: nonEmpty([quarters]), rest };
  const around = nonEmpty([
    { from: quarters.from, to: days.from },
    { from: days.to, to: quarters.to },
  ]);
  return { days: days.from < days.to ? days : null, quarters: around, rest };
}

/** The part of a window that consists of whole units; null if it lies within one. */
function within({ from, to }: ReportWindow, unitMs: number): ReportWindow | null {
  const start = Math.ceil(from.getTime() / unitMs) * unitMs;
  const end = Math.floor(to.getTime() / unitMs) * unitMs;
  return start > end ? null : { from: new Date(start), to: new Date(end) };
}

const nonEmpty = (windows: readonly ReportWindow[]) => windows.filter(({ from, to }) => from < to);
