import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import type { Db, Tx } from "./client";

/** Two that waited for each other, or changed the same at once: PostgreSQL ended one of them. */
const CONFLICTS = new Set(["40P01", "40001"]);
const MOST_TRIES = 5;

/**
 * Runs a transaction that shares locks with requests in flight, again where it was ended for theirs.
 * @param run does nothing that a rollback would not undo
 */
export async function retryingTransaction<T>(db: Db | Tx, run: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(run);
    } catch (error) {
      if (attempt === MOST_TRIES || !isConflict(error)) throw error;
      await sleep(Math.random() * 20 * attempt);
    }
  }
}

/** Also below Drizzle's wrapping. */
function isConflict(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return CONFLICTS.has(error.code);
  return error instanceof Error && error.cause !== undefined && isConflict(error.cause);
}
