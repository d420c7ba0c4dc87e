import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { Db, Tx } from "./client";

/** Deadlocks and serialization failures: PostgreSQL aborted one of two conflicting transactions. */
const CONFLICTS = new Set(["40P01", "40001"]);
const MAX_ATTEMPTS = 5;

/**
 * Runs a transaction that contends for locks with requests in flight, and retries it on a conflict.
 * @param run must have no effect that a rollback does not undo
 */
export async function retryingTransaction<T>(db: Db | Tx, run: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(run);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isConflict(error)) throw error;
      await sleep(Math.random() * 20 * attempt);
    }
  }
}

/** Looks below Drizzle's wrapper, too. */
function isConflict(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return CONFLICTS.has(error.code);
  return error instanceof Error && error.cause !== undefined && isConflict(error.cause);
}
