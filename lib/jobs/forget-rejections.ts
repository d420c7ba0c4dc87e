import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { forgetOldRejections } from "#lib/services/rejections/forget-old-rejections";

/** Deletes the counts of rejections that are older than LOG_RETENTION_DAYS. */
export async function forgetRejections(): Promise<{ forgotten: number }> {
  return { forgotten: await forgetOldRejections(controlDb(), config().LOG_RETENTION_DAYS) };
}
