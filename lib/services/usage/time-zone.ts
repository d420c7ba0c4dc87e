import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import { codeOf } from "#lib/db/unavailable";
import { invalidField } from "#lib/http/errors";
import { HOUR_MS, type ReportWindow } from "./report-window";

/** IANA names only: PostgreSQL would also take offsets and rules, with the sign reversed. */
const IANA_NAME = /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/;
const UNKNOWN_ZONE = "Enter a time zone of the IANA database, like Europe/Berlin.";
/** PostgreSQL's database of time zones may be older than Node's. */
const INVALID_PARAMETER_VALUE = "22023";

export const timeZoneField = z.string().max(64).refine(isTimeZone, UNKNOWN_ZONE);

function isTimeZone(name: string): boolean {
  if (!IANA_NAME.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** A window as it is given: times, days (which begin in the time zone), or nothing. */
type GivenWindow = { from: string | undefined; to: string | undefined; timeZone: string };

/**
 * The window of a report. By default it ends with the current hour, and starts with the month in which it ends. Days and
 * months are the time zone's.
 * @throws ServiceError "invalid"
 */
export async function windowInZone(
  db: Db | Tx,
  { from, to, timeZone }: GivenWindow,
  now: Date,
): Promise<ReportWindow> {
  const nextHour = sql`date_trunc('hour', ${now.toISOString()}::timestamptz, 'UTC') + interval '1 hour'`;
  const end = to === undefined ? nextHour : instantIn(to, timeZone);
  const last =
    to === undefined ? sql`${now.toISOString()}::timestamptz` : sql`${end} - interval '1 microsecond'`;
  const start =
    from === undefined ? sql`date_trunc('month', ${last}, ${timeZone})` : instantIn(from, timeZone);
  const rows = await db
    .execute<{ from_ms: string; to_ms: string }>(
      sql`select extract(epoch from ${start}) * 1000 as from_ms, extract(epoch from ${end}) * 1000 as to_ms`,
    )
    .catch((error: unknown) => {
      if (isUnknownZone(error)) throw invalidField("time_zone", UNKNOWN_ZONE);
      throw error;
    });
  const window = { from: new Date(Number(rows[0]?.from_ms)), to: new Date(Number(rows[0]?.to_ms)) };
  if (window.from > window.to) throw invalidField("to", "The end is before the start.");
  return window;
}

const isUnknownZone = (error: unknown): boolean =>
  codeOf(error) === INVALID_PARAMETER_VALUE ||
  (error instanceof Error && codeOf(error.cause) === INVALID_PARAMETER_VALUE);

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

const instantIn = (moment: string, timeZone: string) =>
  DATE_ONLY.test(moment)
    ? sql`(${moment}::date::timestamp at time zone ${timeZone})`
    : sql`${moment}::timestamptz`;

/** Whether all of a zone's hours begin with UTC's between two moments. */
export function hasWholeHours(timeZone: string, from: Date, to: Date): boolean {
  const minutes = new Intl.DateTimeFormat("en", { timeZone, minute: "numeric" });
  return [from, to].every((at) => minutes.format(floorHour(at)) === "0");
}

const floorHour = (at: Date) => Math.floor(at.getTime() / HOUR_MS) * HOUR_MS;
