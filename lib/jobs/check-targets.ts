import { config } from "#lib/config/config";
import { controlDb, type Db } from "#lib/db/client";
import { type CheckedTargets, checkTargets } from "#lib/services/providers/check-targets";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { claimRun } from "./job-runs";

const NAME = "check-targets";
/** For each of the installation's processes, one of which checks. */
export const CHECK_EVERY_MS = 30_000;
/** Less than the shortest time between two runs of one process (scheduler.ts): a lone one skips none. */
const CHECKED_WITHIN_MS = 0.8 * CHECK_EVERY_MS;

/** Checks whether the targets can be reached that no request has reached lately. For cron. */
export const checkTargetsNow = (
  db: Db = controlDb(),
  settings: RoutingContext["config"] = config(),
): Promise<CheckedTargets> => checkTargets({ db, config: settings });

/** The same, unless another replica has just done it. @returns null if it has */
export async function checkTargetsInTurn(
  db: Db = controlDb(),
  settings: RoutingContext["config"] = config(),
): Promise<CheckedTargets | null> {
  return (await claimRun(db, NAME, CHECKED_WITHIN_MS)) ? checkTargetsNow(db, settings) : null;
}
