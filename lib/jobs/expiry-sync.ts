import { sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import { controlDb, type Db, type Tx } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { raiseExpiringEvents } from "#lib/services/events/raise-expiring-events";
import { EXPIRY_SYNC_JOB } from "#lib/services/users/expiry-sync-job";
import { type ExpirySync, syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { hasRunToday, recordRun } from "./job-runs";

/** Held by the replica that runs today's sync. */
const LOCK = "742117901160";

/**
 * Marks every payment that has expired, and tells of payments and keys that soon will, even if that was done today already.
 * For cron.
 */
export async function expirySync(db: Db | Tx = controlDb()): Promise<ExpirySync> {
  const result = await syncAllExpiry({ db, actor: SYSTEM });
  await raiseExpiringEvents(db);
  await recordRun(db, EXPIRY_SYNC_JOB);
  if (result.expired > 0) log.info({ job: EXPIRY_SYNC_JOB, ...result }, "payments expired");
  return result;
}

/**
 * The same once per UTC day on one replica. It is called often and runs unless the day has had a run, so that a process
 * that was down at midnight catches up.
 * @returns null if there was nothing to do
 */
export async function dailyExpirySync(db: Db = controlDb()): Promise<ExpirySync | null> {
  return db.transaction(async (tx) => {
    // Per transaction rather than per session: it works through a pooler and ends with the process.
    const [lock] = await tx.execute<{ mine: boolean }>(
      sql`select pg_try_advisory_xact_lock(${LOCK}::bigint) as mine`,
    );
    if (!lock?.mine) return null;
    return (await hasRunToday(tx, EXPIRY_SYNC_JOB)) ? null : expirySync(tx);
  });
}
