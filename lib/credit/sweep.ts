import "server-only";
import type { Sql } from "#lib/db/client";

const ROWS_PER_CALL = 500;

/**
 * Settles every hold of a process that has died: it did not say in time (on the database's clock) that it is alive.
 * Safe to run on any number of replicas at once.
 * @returns how many rows were swept
 */
export async function sweepExpiredHolds(sql: Sql): Promise<number> {
  let swept = 0;
  for (;;) {
    const [row] = await sql<{ rows: number }[]>`SELECT tollgate_sweep_v2(${ROWS_PER_CALL}::integer) AS rows`;
    swept += row?.rows ?? 0;
    if ((row?.rows ?? 0) < ROWS_PER_CALL) return swept;
  }
}
