import { and, count, desc, eq, isNull } from "drizzle-orm";
import { events, noticeReads } from "#lib/db/schema/events";
import type { ServiceContext } from "#lib/services/context";
import { visibleNotices } from "#lib/services/notices/visible-notices";

/** Older ones are on the page; every page of the portal counts these. */
export const NEWEST_COUNTED = 100;

/** How many of the actor's newest notices they have not read: at most NEWEST_COUNTED. */
export async function unreadNotices({ db, actor }: Pick<ServiceContext, "db" | "actor">): Promise<number> {
  const newest = db
    .select({ id: events.id })
    .from(events)
    .where(visibleNotices(actor))
    .orderBy(desc(events.createdAt), desc(events.id))
    .limit(NEWEST_COUNTED)
    .as("newest");
  const [row] = await db
    .select({ unread: count() })
    .from(newest)
    .leftJoin(noticeReads, and(eq(noticeReads.eventId, newest.id), eq(noticeReads.readerId, actor.id)))
    .where(isNull(noticeReads.readAt));
  return row?.unread ?? 0;
}
