import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { deleteOldRejections } from "#lib/services/rejections/delete-old-rejections";

/** Deletes counts of rejections older than LOG_RETENTION_DAYS. */
export async function deleteRejections(): Promise<{ deleted: number }> {
  return { deleted: await deleteOldRejections(controlDb(), config().LOG_RETENTION_DAYS) };
}
