import { and, gte, lt, type SQL } from "drizzle-orm";
import { ledger } from "#lib/db/schema/credit";

/** How far the clock that made an id may be from the database's, which made `created_at`. */
const CLOCK_SLACK_MS = 60 * 60 * 1000;

/** The condition that a ledger row was made from `from` on (inclusive) and before `to` (exclusive). */
export function createdWithin(from: Date | undefined, to: Date | undefined): SQL | undefined {
  return and(
    from && gte(ledger.createdAt, from),
    from && gte(ledger.id, idFloor(from.getTime() - CLOCK_SLACK_MS)),
    to && lt(ledger.createdAt, to),
    to && lt(ledger.id, idFloor(to.getTime() + CLOCK_SLACK_MS)),
  );
}

/**
 * The least UUIDv7 of a millisecond. Ids sort by time, so a bound on them lets the index on
 * (…, id) skip what lies outside the window, which `created_at` alone cannot.
 */
function idFloor(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
