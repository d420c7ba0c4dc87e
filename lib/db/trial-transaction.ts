import type { Db, Tx } from "./client";
import { retryingTransaction } from "./retry-conflicts";

/**
 * Runs a transaction that says itself whether its changes are kept, as a dry run does not, and retries it on a conflict.
 * @param run must have no effect that a rollback does not undo
 */
export async function trialTransaction<T>(
  db: Db | Tx,
  run: (tx: Tx) => Promise<{ result: T; keep: boolean }>,
): Promise<T> {
  const undone: T[] = [];
  const undo = new Error("changes that are not kept");
  try {
    return await retryingTransaction(db, async (tx) => {
      const { result, keep } = await run(tx);
      if (keep) return result;
      undone.push(result);
      throw undo;
    });
  } catch (error) {
    const [result] = undone;
    if (error !== undo || result === undefined) throw error;
    return result;
  }
}
