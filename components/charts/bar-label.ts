import { utcDate, utcHour } from "#components/format/time";

const HOUR_MS = 3_600_000;

/** The period of a bar: "14 Mar, 06:00–12:00", a whole day, "14 Mar", or several, "14 Mar – 20 Mar". */
export function barLabel(start: string, barHours: number): string {
  const date = utcDate(start, new Date(start).getUTCFullYear());
  if (barHours === 24) return date;
  if (barHours > 24) {
    const last = new Date(Date.parse(start) + (barHours - 24) * HOUR_MS).toISOString();
    return `${date} – ${utcDate(last, new Date(start).getUTCFullYear())}`;
  }
  const end = new Date(Date.parse(start) + barHours * HOUR_MS).toISOString();
  return `${date}, ${utcHour(start)}–${utcHour(end)}`;
}

/** The text of a tick: the hour for hourly bars, otherwise the day. */
export const tickLabel = (start: string, barHours: number): string =>
  barHours === 1 ? utcHour(start) : utcDate(start, new Date(start).getUTCFullYear());

const MOST_DAYS_WITH_TICKS = 10;

/** The bars with a tick: round hours, starts of days, or every fifth of many days. */
export function tickStarts(starts: readonly string[], barHours: number): string[] {
  if (barHours === 1) return starts.filter((start) => Number(start.slice(11, 13)) % 6 === 0);
  if (barHours < 24) return starts.filter((start) => start.slice(11, 13) === "00");
  return starts.filter((_, index) => index % (starts.length > MOST_DAYS_WITH_TICKS ? 5 : 1) === 0);
}
