import { and, gte, lt, type SQL } from "drizzle-orm";
import { ledger } from "#lib/db/schema/credit";
import type { IdRange } from "./ledger-walk";

/** The most by which the clock that created an id may differ from the database's, which set `created_at`. */
const CLOCK_SLACK_MS = 60 * 60 * 1000;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The condition that a ledger row was created from `from` on (inclusive) and before `to` (exclusive). */
export function createdWithin(from: Date | undefined, to: Date | undefined): SQL | undefined {
  return and(
    from && gte(ledger.createdAt, from),
    from && gte(ledger.id, idFloor(from.getTime() - CLOCK_SLACK_MS)),
    to && lt(ledger.createdAt, to),
    to && lt(ledger.id, idFloor(to.getTime() + CLOCK_SLACK_MS)),
  );
}

/** The ids before a cursor that rows created within a time may have. */
export function idsWithin(from: Date | undefined, to: Date | undefined, cursor: string | undefined): IdRange {
  const end = to === undefined ? LAST_ID : idFloor(to.getTime() + CLOCK_SLACK_MS);
  const [first = end] = [end, cursor?.toLowerCase() ?? LAST_ID].sort();
  return { from: from === undefined ? FIRST_ID : idFloor(from.getTime() - CLOCK_SLACK_MS), to: first };
}

/**
 * The smallest UUIDv7 of a millisecond. Ids sort by time, so with a bound on them the index on (…, id) skips
 * rows outside the window. `created_at` alone cannot do that.
 */
function idFloor(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
