import { sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import { controlDb, type Db, type Tx } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { type ExpirySync, syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { hasRunToday, noteRun } from "./job-runs";

const NAME = "expiry-sync";
/** Replicas find the same moment: one of them does the day's work. */
const LOCK = "742117901160";

/** Notes every payment that has expired, whatever was done today already: what cron asks for. */
export async function expirySync(db: Db | Tx = controlDb()): Promise<ExpirySync> {
  const done = await syncAllExpiry({ db, actor: SYSTEM });
  await noteRun(db, NAME);
  if (done.expired > 0) log.info({ job: NAME, ...done }, "payments have expired");
  return done;
}

/**
 * The same once a UTC day, on one replica of all: often asked, it works where the day has had no run yet,
 * so that a process that was down at midnight catches up.
 * @returns null where there was nothing to do
 */
export async function dailyExpirySync(db: Db = controlDb()): Promise<ExpirySync | null> {
  return db.transaction(async (tx) => {
    // Of the transaction, not of the session: it works through a pooler and ends with the process.
    const [lock] = await tx.execute<{ mine: boolean }>(
      sql`select pg_try_advisory_xact_lock(${LOCK}::bigint) as mine`,
    );
    if (!lock?.mine) return null;
    return (await hasRunToday(tx, NAME)) ? null : expirySync(tx);
  });
}
