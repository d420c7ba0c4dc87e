import type { Sql } from "#lib/db/client";
import { codeOf } from "#lib/db/unavailable";

const ROWS_PER_CALL = 500;
/** A counter is locked. A sweep that waited for it would block everyone whose counters it has locked. */
const LOCK_TIMEOUT = "55P03";

/**
 * Settles every hold of processes that have died: their lease has run out on the database's clock. Safe to run on any
 * number of replicas at once. Leaves locked rows to the next sweep.
 * @returns how many rows were swept
 */
export async function sweepExpiredHolds(sql: Sql): Promise<number> {
  let swept = 0;
  for (;;) {
    const rows = await sweepOnce(sql);
    swept += rows;
    if (rows < ROWS_PER_CALL) return swept;
  }
}

async function sweepOnce(sql: Sql): Promise<number> {
  try {
    const [row] = await sql<{ rows: number }[]>`SELECT tollgate_sweep_v1(${ROWS_PER_CALL}::integer) AS rows`;
    return row?.rows ?? 0;
  } catch (error) {
    if (codeOf(error) === LOCK_TIMEOUT) return 0;
    throw error;
  }
}
