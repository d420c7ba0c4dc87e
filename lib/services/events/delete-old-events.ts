import { lt } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { events } from "#lib/db/schema/events";

const DAY_MS = 86_400_000;

/**
 * Deletes events older than `days`.
 * @returns the number of events
 */
export async function deleteOldEvents(db: Db, days: number, now: Date = new Date()): Promise<number> {
  const { count } = await db
    .delete(events)
    .where(lt(events.createdAt, new Date(now.getTime() - days * DAY_MS)));
  return count;
}
