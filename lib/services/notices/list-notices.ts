import { and, eq, getTableColumns, isNull } from "drizzle-orm";
import { z } from "zod";
import { EVENT_TYPES, events, noticeReads } from "#lib/db/schema/events";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { equals } from "#lib/services/owners";
import { pageOf } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { Notice, toNotice } from "./notice";
import { visibleNotices } from "./visible-notices";

/** The notices of the actor, newest first. */
export const listNotices = verb({
  role: "viewer",
  input: z.strictObject({
    organization_id: z.uuid("`organization_id` must be a UUID.").optional(),
    type: z.enum(EVENT_TYPES).optional(),
    unread: z.enum(["true", "false"]).optional().describe("`true`: only those that you have not read."),
    ...createdPageQuery,
  }),
  output: pageOf(Notice),
  run: async (ctx, { organization_id, type, unread, limit, cursor }) => {
    const page = createdPage(events, { limit, cursor });
    const query = ctx.db
      .select({ ...getTableColumns(events), readAt: noticeReads.readAt, createdMicros: page.createdMicros })
      .from(events)
      .leftJoin(noticeReads, and(eq(noticeReads.eventId, events.id), eq(noticeReads.readerId, ctx.actor.id)))
      .where(
        and(
          visibleNotices(ctx.actor),
          equals(events.organizationId, organization_id),
          equals(events.type, type),
          unread === "true" ? isNull(noticeReads.readAt) : undefined,
          page.after,
        ),
      );
    return page.read(query, toNotice);
  },
});
