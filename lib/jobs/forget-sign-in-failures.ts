import { deleteOldFailures } from "#lib/auth/sign-in-throttle";
import { controlDb } from "#lib/db/client";

/** Deletes the failed sign-ins that no longer count. */
export async function forgetSignInFailures(): Promise<{ forgotten: number }> {
  return { forgotten: await deleteOldFailures(controlDb()) };
}
