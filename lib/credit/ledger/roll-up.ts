import type { Sql } from "#lib/db/client";

/** As many requests as a busy gateway settles in a second or two, and few enough to fit in memory at once. */
const REQUESTS_PER_CALL = 5_000;

/**
 * Moves the usage that settlements have left into the rollups. Safe to run on any number of replicas at once: one does
 * the work. Reports count pending usage too, so this changes no answer, only how quickly it is found.
 * @returns how many requests were rolled up
 */
export async function rollUpUsage(sql: Sql): Promise<number> {
  let rolledUp = 0;
  for (;;) {
    const [row] = await sql<{ requests: number }[]>`
      SELECT tollgate_roll_up_v1(${REQUESTS_PER_CALL}::integer) AS requests`;
    const requests = row?.requests ?? 0;
    rolledUp += requests;
    if (requests < REQUESTS_PER_CALL) return rolledUp;
  }
}

/**
 * Makes the rollups from the ledger, for data that was loaded in bulk instead of settled.
 * @param from the start of a quarter hour
 */
export async function rebuildUsage(sql: Sql, from: Date): Promise<void> {
  await sql`SELECT tollgate_rebuild_usage_v1(${from.toISOString()}::timestamptz)`;
}
