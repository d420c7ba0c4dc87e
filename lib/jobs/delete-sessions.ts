import { deleteExpired } from "#lib/auth/delete-expired";
import { controlDb } from "#lib/db/client";

/** Deletes sessions, invites and links to new passwords that have expired. */
export const deleteSessions = (): ReturnType<typeof deleteExpired> => deleteExpired(controlDb());
