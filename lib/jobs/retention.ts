import { config } from "#lib/config/config";
import { deleteOldRequests } from "#lib/credit/ledger/delete-requests";
import { controlDb, type Db } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { deleteEvents } from "./delete-events";
import { deleteIdempotencyKeys } from "./delete-idempotency-keys";
import { deleteRejections } from "./delete-rejections";
import { deleteSignInFailures } from "./delete-sign-in-failures";
import { hasRunToday, recordRun } from "./job-runs";

const NAME = "retention";
/** Less than the time limit of a function on Vercel. */
const TIME_LIMIT_MS = 45_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export type Retention = {
  /** Requests deleted from the ledger. */
  requests: number;
  /** Whether all old requests are deleted. Otherwise the next run continues. */
  complete: boolean;
};

/**
 * Deletes requests from the ledger that are older than LOG_RETENTION_DAYS and have ended. Their cost and usage stay in
 * the counters and the rollup. Adjustments stay.
 * @param now for tests, like the other parameters
 */
export async function purgeOldRequests(
  db: Db = controlDb(),
  days: number = config().LOG_RETENTION_DAYS,
  now: Date = new Date(),
): Promise<Retention> {
  // Whole hours, like the rollup.
  const before = new Date(Math.floor((now.getTime() - days * DAY_MS) / HOUR_MS) * HOUR_MS);
  const { removed, complete } = await deleteOldRequests(db, before, TIME_LIMIT_MS);
  if (complete) await recordRun(db, NAME);
  if (removed > 0) log.info({ job: NAME, requests: removed, complete, before }, "old requests deleted");
  return { requests: removed, complete };
}

/**
 * The same once per UTC day. It is called often and runs unless the day has had a complete run on any replica.
 * @returns null if there was nothing to do
 */
export async function dailyRetention(
  db: Db = controlDb(),
  days: number = config().LOG_RETENTION_DAYS,
): Promise<Retention | null> {
  return (await hasRunToday(db, NAME)) ? null : purgeOldRequests(db, days);
}

/** Deletes everything past its retention. For cron. */
export async function retention(): Promise<
  Retention & { idempotency_keys: number; sign_in_failures: number; rejections: number; events: number }
> {
  const keys = await deleteIdempotencyKeys();
  const failures = await deleteSignInFailures();
  const rejections = await deleteRejections();
  const events = await deleteEvents();
  return {
    ...(await purgeOldRequests()),
    idempotency_keys: keys.deleted,
    sign_in_failures: failures.deleted,
    rejections: rejections.deleted,
    events: events.deleted,
  };
}
