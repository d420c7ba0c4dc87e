import { deleteOldFailures } from "#lib/auth/sign-in-throttle";
import { controlDb } from "#lib/db/client";

/** Deletes failed sign-ins that no longer count. */
export async function deleteSignInFailures(): Promise<{ deleted: number }> {
  return { deleted: await deleteOldFailures(controlDb()) };
}
