import { controlDb } from "#lib/db/client";
import { deleteOldKeys } from "#lib/services/idempotency/delete-old-keys";

/** Deletes responses stored under an Idempotency-Key for more than a day. */
export async function deleteIdempotencyKeys(): Promise<{ deleted: number }> {
  return { deleted: await deleteOldKeys(controlDb()) };
}
