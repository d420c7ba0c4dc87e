import { lt } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { refusalsHourly } from "#lib/db/schema/refusals";

const DAY_MS = 86_400_000;

/**
 * Deletes the counts of refusals that are older than so many days.
 * @returns how many
 */
export async function forgetOldRefusals(db: Db, days: number, now: Date = new Date()): Promise<number> {
  const before = new Date(now.getTime() - days * DAY_MS);
  const { count } = await db.delete(refusalsHourly).where(lt(refusalsHourly.hour, before));
  return count;
}
