import { deleteExpired } from "#lib/auth/delete-expired";
import { controlDb } from "#lib/db/client";

/** Deletes sessions and invites that have expired. */
export const deleteSessions = (): Promise<{ sessions: number; invites: number }> =>
  deleteExpired(controlDb());
