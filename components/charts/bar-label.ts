import { utcDate, utcHour } from "#components/format/time";

const HOUR_MS = 3_600_000;

/** The period of a bar: "14 Mar, 06:00–12:00", or a whole day, "14 Mar". */
export function barLabel(start: string, barHours: number): string {
  const date = utcDate(start, new Date(start).getUTCFullYear());
  if (barHours >= 24) return date;
  const end = new Date(Date.parse(start) + barHours * HOUR_MS).toISOString();
  return `${date}, ${utcHour(start)}–${utcHour(end)}`;
}

/** The text of a tick: the hour for hourly bars, otherwise the day. */
export const tickLabel = (start: string, barHours: number): string =>
  barHours === 1 ? utcHour(start) : utcDate(start, new Date(start).getUTCFullYear());

/** The bars with a tick: round hours, starts of days, or every fifth day. */
export function tickStarts(starts: readonly string[], barHours: number): string[] {
  if (barHours === 1) return starts.filter((start) => Number(start.slice(11, 13)) % 6 === 0);
  if (barHours < 24) return starts.filter((start) => start.slice(11, 13) === "00");
  return starts.filter((_, index) => index % 5 === 0);
}
