import { and, inArray } from "drizzle-orm";
import { z } from "zod";
import { events, noticeReads } from "#lib/db/schema/events";
import { verb } from "#lib/services/verb";
import { visibleNotices } from "./visible-notices";

/** As many as a page lists. */
const MOST_AT_ONCE = 200;

/** Marks notices as read by the actor, those that they are told of; a repeat keeps the first time. */
export const readNotices = verb({
  role: "viewer",
  input: z.strictObject({ ids: z.array(z.uuid()).min(1).max(MOST_AT_ONCE) }),
  output: z.object({ read: z.int().describe("How many were unread.") }),
  run: async (ctx, { ids }) => {
    const told = await ctx.db
      .select({ eventId: events.id })
      .from(events)
      .where(and(inArray(events.id, ids), visibleNotices(ctx.actor)));
    if (told.length === 0) return { read: 0 };
    const read = await ctx.db
      .insert(noticeReads)
      .values(told.map(({ eventId }) => ({ eventId, readerId: ctx.actor.id })))
      .onConflictDoNothing()
      .returning({ eventId: noticeReads.eventId });
    return { read: read.length };
  },
});
