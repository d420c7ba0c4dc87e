import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";

/** Few enough that no request waits long for the counters that a batch locks. */
const ROWS_PER_CALL = 1000;

/**
 * Deletes ended requests from the ledger that were created before a moment, in batches with one commit each. Adjustments
 * and holds stay; budgets and the usage rollup stay exact. Safe to run on any number of replicas at once.
 * @param before the start of an hour in UTC, since the rollup has whole hours
 * @param patienceMs starts no further batch after this long
 * @returns how many were deleted, and whether that is all of them
 */
export async function deleteOldRequests(
  db: Db,
  before: Date,
  patienceMs: number,
): Promise<{ removed: number; complete: boolean }> {
  const giveUpAt = performance.now() + patienceMs;
  let removed = 0;
  for (;;) {
    const [row] = await db.execute<{ rows: number }>(
      sql`select tollgate_delete_requests_v1(${before.toISOString()}::timestamptz, ${ROWS_PER_CALL}::integer) as rows`,
    );
    const rows = row?.rows ?? 0;
    removed += rows;
    if (rows < ROWS_PER_CALL) return { removed, complete: true };
    if (performance.now() >= giveUpAt) return { removed, complete: false };
  }
}
