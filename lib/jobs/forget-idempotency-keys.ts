import { controlDb } from "#lib/db/client";
import { forgetOldKeys } from "#lib/services/idempotency/forget-old-keys";

/** Deletes the answers that were remembered under an Idempotency-Key for more than a day. */
export async function forgetIdempotencyKeys(): Promise<{ forgotten: number }> {
  return { forgotten: await forgetOldKeys(controlDb()) };
}
