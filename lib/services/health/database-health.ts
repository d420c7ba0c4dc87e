import { sql } from "drizzle-orm";
import { oncePerProcess } from "#lib/config/once-per-process";
import { controlDb, type Db } from "#lib/db/client";

export type DatabaseHealth = { healthy: boolean; latencyMs: number | null };

const DEADLINE_MS = 2_000;

/**
 * Whether the database answers within two seconds. A frozen one never returns an error, hence our own timer. Only one
 * query is open at a time, or every probe would leave one waiting in the pool.
 */
export async function databaseHealth(db: () => Db = controlDb): Promise<DatabaseHealth> {
  const state = oncePerProcess<{ open: Promise<DatabaseHealth> | null }>("database-probe", () => ({
    open: null,
  }));
  state.open ??= ask(db).finally(() => {
    state.open = null;
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<DatabaseHealth>((resolve) => {
    timer = setTimeout(() => resolve({ healthy: false, latencyMs: null }), DEADLINE_MS);
  });
  try {
    return await Promise.race([state.open, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function ask(db: () => Db): Promise<DatabaseHealth> {
  const startedAt = performance.now();
  try {
    await db().execute(sql`SELECT 1`);
    return { healthy: true, latencyMs: Math.round((performance.now() - startedAt) * 10) / 10 };
  } catch {
    return { healthy: false, latencyMs: null };
  }
}
