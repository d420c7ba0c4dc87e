import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { events, noticeReads } from "#lib/db/schema/events";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { Notice, toNotice } from "./notice";
import { visibleNotices } from "./visible-notices";

/**
 * Marks a notice as read by the actor; a repeat keeps the first time.
 * @throws ServiceError "not_found" if there is none that the actor is told of
 */
export const readNotice = verb({
  role: "viewer",
  input: z.strictObject({ id: idField("notice") }),
  output: Notice,
  run: async (ctx, { id }) => {
    const [event] = await ctx.db
      .select()
      .from(events)
      .where(and(eq(events.id, id), visibleNotices(ctx.actor)));
    if (event === undefined) throw notFound("notice");
    const own = and(eq(noticeReads.eventId, id), eq(noticeReads.readerId, ctx.actor.id));
    await ctx.db.insert(noticeReads).values({ eventId: id, readerId: ctx.actor.id }).onConflictDoNothing();
    const [read] = await ctx.db.select({ readAt: noticeReads.readAt }).from(noticeReads).where(own);
    return toNotice({ ...event, readAt: read?.readAt ?? null });
  },
});
