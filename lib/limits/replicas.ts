import type { Sql } from "#lib/db/client";

const FRESH_MS = 2_000;
/** After a quiet time, a reading older than this is not used. */
const STALE_MS = 5_000;
/** A request waits at most this long for a first or stale reading; other readings happen in the background. */
const PATIENCE_MS = 100;

/**
 * Creates a function that returns how many replicas are alive, including this one. A replica counts from its
 * first hold or heartbeat until its lease expires.
 * @returns (from the function) the last known number while the database is unavailable
 */
export function replicaCounter(sql: Sql): () => Promise<number> {
  let known: number | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    readAtMs = performance.now();
    try {
      const [row] = await sql<{ alive: number }[]>`
        SELECT count(*)::integer AS alive FROM instances WHERE alive_until > now()`;
      known = Math.max(1, row?.alive ?? 1);
    } catch {
      // Keep the last known number.
    } finally {
      reading = null;
    }
  };

  return async () => {
    const ageMs = performance.now() - readAtMs;
    if (ageMs > FRESH_MS) reading ??= read();
    if ((known === null || ageMs > STALE_MS) && reading !== null) await atMost(PATIENCE_MS, reading);
    return known ?? 1;
  };
}

function atMost(patienceMs: number, reading: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const tooLong = setTimeout(resolve, patienceMs);
    void reading.then(() => {
      clearTimeout(tooLong);
      resolve();
    });
  });
}
