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
 * @param nowMs after which there are hardly any rows: what is read of later ones costs next to nothing
 */
export function splitWindow(
  { from, to }: ReportWindow,
  unitsMs: readonly number[],
  mayOverlap: boolean,
  nowMs = Date.now(),
): SplitWindow {
  const start = Math.ceil(from.getTime() / QUARTER_MS) * QUARTER_MS;
  const end = Math.floor(to.getTime() / QUARTER_MS) * QUARTER_MS;
  if (start > end) return { whole: null, stretches: [], rest: nonEmpty([{ from, to }]) };
  const whole = { from: new Date(start), to: new Date(end) };
  return {
    whole: start < end ? whole : null,
    stretches: cover({ startMs: start, endMs: end }, unitsMs, { mayOverlap, nowMs }).stretches,
    rest: nonEmpty([
      { from, to: whole.from },
      { from: whole.to, to },
    ]),
  };
}

/** Stretches, and about how many rows of each group they read. */
type Cover = { stretches: Stretch[]; rows: number };

/** No time of a report is later. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const NOTHING: Cover = { stretches: [], rows: 0 };
/** Rows of a group for a unit: in most quarter hours most groups have no requests. */
const rowsOf = (unitMs: number) => (unitMs === QUARTER_MS ? 0.25 : 1);
/** What a stretch costs that has no rows. */
const EMPTY_STRETCH_ROWS = 0.05;

type Span = { startMs: number; endMs: number };
type Conditions = { mayOverlap: boolean; nowMs: number };

/** The stretches that read the fewest rows. */
function cover({ startMs, endMs }: Span, unitsMs: readonly number[], conditions: Conditions): Cover {
  const [unitMs, ...finer] = unitsMs;
  if (startMs === endMs) return NOTHING;
  if (unitMs === undefined) return { stretches: [], rows: Number.POSITIVE_INFINITY };
  const between = (fromMs: number, toMs: number) =>
    fromMs <= toMs
      ? cover({ startMs: fromMs, endMs: toMs }, finer, conditions)
      : takenAway(cover({ startMs: toMs, endMs: fromMs }, finer, conditions));
  const before = (ms: number) => Math.floor(ms / unitMs) * unitMs;
  const after = (ms: number) => Math.ceil(ms / unitMs) * unitMs;
  const { mayOverlap, nowMs } = conditions;
  let best = cover({ startMs, endMs }, finer, conditions);
  for (const first of new Set(mayOverlap ? [before(startMs), after(startMs)] : [after(startMs)])) {
    for (const last of new Set(mayOverlap ? [before(endMs), after(endMs)] : [before(endMs)])) {
      if (first >= last || last > LATEST_MS) continue;
      const whole = { from: new Date(first), to: new Date(last), unitMs, isAdded: true };
      const parts = [between(startMs, first), between(last, endMs)];
      const units = Math.max(0, Math.min(last, after(nowMs)) - first) / unitMs;
      const wholeRows = units * rowsOf(unitMs) + EMPTY_STRETCH_ROWS;
      const rows = parts.reduce((sum, part) => sum + part.rows, wholeRows);
      if (rows < best.rows) best = { stretches: [whole, ...parts.flatMap((part) => part.stretches)], rows };
    }
  }
  return best;
}

const takenAway = ({ stretches, rows }: Cover): Cover => ({
  stretches: stretches.map((stretch) => ({ ...stretch, isAdded: !stretch.isAdded })),
  rows,
});

const nonEmpty = (windows: readonly ReportWindow[]) => windows.filter(({ from, to }) => from < to);
