import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";

/** So few that nobody waits long for the counters that a batch locks. */
const ROWS_PER_CALL = 1000;

/**
 * Removes from the ledger the requests that have ended and were made before a moment: batch by batch, each
 * a commit of its own. Adjustments and what is held stay; budgets and the usage rollup stay exact. Safe to
 * run on any number of replicas at once.
 * @param before the beginning of an hour in UTC: the rollup knows whole hours
 * @param patienceMs begins no further batch after that long
 * @returns how many were removed, and whether that is all of them
 */
export async function forgetRequests(
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
