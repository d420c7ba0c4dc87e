import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";

/** Few enough that no request waits long for the counters that a batch locks. */
const ROWS_PER_CALL = 1000;
/** While others use the database, each batch is followed by a pause of so many times its duration. */
const PAUSE_FACTOR = 4;
/** For how many batches the database counts as used after another statement was seen: one may run between two. */
const BUSY_BATCHES = 20;

/**
 * Deletes ended requests from the ledger that were created before a moment, in batches with one commit each. Adjustments
 * and holds stay; budgets and the usage rollup stay exact. Safe to run on any number of replicas at once. Takes its time
 * while there is other work for the database.
 * @param before the start of an hour in UTC, since the rollup has whole hours
 * @param patienceMs starts no further batch after this long
 * @param pause for tests
 * @returns how many were deleted, and whether that is all of them
 */
export async function deleteOldRequests(
  db: Db,
  before: Date,
  patienceMs: number,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<{ removed: number; complete: boolean }> {
  const giveUpAt = performance.now() + patienceMs;
  let removed = 0;
  let busyBatches = 0;
  for (;;) {
    const startedAt = performance.now();
    const [row] = await db.execute<{ rows: number; busy: boolean }>(sql`
      select tollgate_delete_requests_v1(${before.toISOString()}::timestamptz, ${ROWS_PER_CALL}::integer) as rows,
        exists (select from pg_stat_activity a where a.datname = current_database() and a.state = 'active'
          and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()) as busy`);
    const rows = row?.rows ?? 0;
    removed += rows;
    if (rows < ROWS_PER_CALL) return { removed, complete: true };
    if (performance.now() >= giveUpAt) return { removed, complete: false };
    busyBatches = row?.busy ? BUSY_BATCHES : busyBatches - 1;
    if (busyBatches > 0) await pause(PAUSE_FACTOR * (performance.now() - startedAt));
  }
}
