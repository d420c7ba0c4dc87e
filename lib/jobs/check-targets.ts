import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { type CheckedTargets, checkTargets } from "#lib/services/providers/check-targets";
import { claimRun } from "./job-runs";

const NAME = "check-targets";
/** For each of the installation's processes, one of which checks. */
export const CHECK_EVERY_MS = 30_000;

/** Checks whether the targets can be reached that no request has reached lately. For cron. */
export const checkTargetsNow = (): Promise<CheckedTargets> =>
  checkTargets({ db: controlDb(), config: config() });

/** The same, unless another replica has just done it. @returns null if it has */
export async function checkTargetsInTurn(): Promise<CheckedTargets | null> {
  return (await claimRun(controlDb(), NAME, CHECK_EVERY_MS / 2)) ? checkTargetsNow() : null;
}
