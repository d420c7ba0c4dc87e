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

/** One step of a few seconds, for whose transaction nothing waits. */
const REQUESTS_PER_STEP = 50_000;

/**
 * Fills the rollups from the ledger after an upgrade, in steps with one commit each. Safe to run on any number of replicas
 * at once, and to kill: what a step has not committed, the next one does.
 * @param patienceMs starts no further step after this long
 * @returns whether the rollups are complete
 */
export async function backfillUsage(sql: Sql, patienceMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const [row] = await sql<{ complete: boolean }[]>`
      SELECT tollgate_backfill_usage_v1(${REQUESTS_PER_STEP}::integer) AS complete`;
    if (row?.complete) return true;
    if (performance.now() >= giveUpAt) return false;
  }
}
