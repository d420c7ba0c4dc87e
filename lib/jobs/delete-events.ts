import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { deleteOldEvents } from "#lib/services/events/delete-old-events";

/** Deletes events, and with them notices, older than LOG_RETENTION_DAYS. */
export async function deleteEvents(): Promise<{ deleted: number }> {
  return { deleted: await deleteOldEvents(controlDb(), config().LOG_RETENTION_DAYS) };
}
