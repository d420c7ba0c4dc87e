import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { forgetOldRefusals } from "#lib/services/refusals/forget-old-refusals";

/** Deletes the counts of refusals that are older than LOG_RETENTION_DAYS. */
export async function forgetRefusals(): Promise<{ forgotten: number }> {
  return { forgotten: await forgetOldRefusals(controlDb(), config().LOG_RETENTION_DAYS) };
}
