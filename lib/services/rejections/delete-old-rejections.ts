import { lt } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { rejectionsHourly } from "#lib/db/schema/rejections";

const DAY_MS = 86_400_000;

/**
 * Deletes counts of rejections older than `days`.
 * @returns the number of rows
 */
export async function deleteOldRejections(db: Db, days: number, now: Date = new Date()): Promise<number> {
  const before = new Date(now.getTime() - days * DAY_MS);
  const { count } = await db.delete(rejectionsHourly).where(lt(rejectionsHourly.hour, before));
  return count;
}
