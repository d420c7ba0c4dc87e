import { config } from "#lib/config/config";
import { deleteOldRequests } from "#lib/credit/ledger/delete-requests";
import { controlDb, type Db } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { forgetIdempotencyKeys } from "./forget-idempotency-keys";
import { forgetRejections } from "./forget-rejections";
import { forgetSignInFailures } from "./forget-sign-in-failures";
import { hasRunToday, noteRun } from "./job-runs";

const NAME = "retention";
/** Less than what a function on Vercel may take. */
const PATIENCE_MS = 45_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export type Retention = {
  /** Requests that were removed from the ledger. */
  requests: number;
  /** Whether none is left that is to be removed; else the next run goes on. */
  complete: boolean;
};

/**
 * Removes the ledger's requests that are older than LOG_RETENTION_DAYS and have ended. What they have cost
 * and used stays, in the counters and the usage rollup; adjustments stay as they are.
 * @param now given only by tests, as are the others
 */
export async function forgetOldRequests(
  db: Db = controlDb(),
  days: number = config().LOG_RETENTION_DAYS,
  now: Date = new Date(),
): Promise<Retention> {
  // Whole hours, as the rollup has them.
  const before = new Date(Math.floor((now.getTime() - days * DAY_MS) / HOUR_MS) * HOUR_MS);
  const { removed, complete } = await deleteOldRequests(db, before, PATIENCE_MS);
  if (complete) await noteRun(db, NAME);
  if (removed > 0) log.info({ job: NAME, requests: removed, complete, before }, "old requests were removed");
  return { requests: removed, complete };
}

/**
 * The same once a UTC day: often asked, it works where the day has had no complete run yet, on any replica.
 * @returns null where there was nothing to do
 */
export async function dailyRetention(
  db: Db = controlDb(),
  days: number = config().LOG_RETENTION_DAYS,
): Promise<Retention | null> {
  return (await hasRunToday(db, NAME)) ? null : forgetOldRequests(db, days);
}

/** All that is kept for a time only: what cron asks for. */
export async function retention(): Promise<
  Retention & { idempotency_keys: number; sign_in_failures: number; rejections: number }
> {
  const keys = await forgetIdempotencyKeys();
  const failures = await forgetSignInFailures();
  const rejections = await forgetRejections();
  return {
    ...(await forgetOldRequests()),
    idempotency_keys: keys.forgotten,
    sign_in_failures: failures.forgotten,
    rejections: rejections.forgotten,
  };
}
