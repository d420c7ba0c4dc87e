/** `from` is inclusive, `to` exclusive. */
export type ReportWindow = { from: Date; to: Date };

/** The whole hours of a window, which the rollup has, and the rest at either end. */
export type SplitWindow = { whole: ReportWindow | null; edges: ReportWindow[] };

const HOUR_MS = 3_600_000;

/**
 * The window of a report. By default it ends with the current hour, and starts with the month in which it ends.
 */
export function reportWindow(from: string | undefined, to: string | undefined, now: Date): ReportWindow {
  const end = to === undefined ? new Date(ceilHour(now.getTime() + 1)) : new Date(to);
  if (from !== undefined) return { from: new Date(from), to: end };
  const last = to === undefined ? now : new Date(end.getTime() - 1);
  return { from: new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), 1)), to: end };
}

/** Splits a window at full hours. */
export function splitAtHours({ from, to }: ReportWindow): SplitWindow {
  const start = ceilHour(from.getTime());
  const end = floorHour(to.getTime());
  if (start > end) return { whole: null, edges: nonEmpty([{ from, to }]) };
  const [wholeFrom, wholeTo] = [new Date(start), new Date(end)];
  return {
    whole: start < end ? { from: wholeFrom, to: wholeTo } : null,
    edges: nonEmpty([
      { from, to: wholeFrom },
      { from: wholeTo, to },
    ]),
  };
}

const nonEmpty = (windows: readonly ReportWindow[]) => windows.filter(({ from, to }) => from < to);
const floorHour = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;
const ceilHour = (ms: number) => Math.ceil(ms / HOUR_MS) * HOUR_MS;
