import { desc } from "drizzle-orm";
import { sessions } from "#lib/db/schema/sessions";
import { pageOf } from "#lib/services/page";
import { UserId } from "#lib/services/users/get-user";
import { verb } from "#lib/services/verb";
import { Session, sessionColumns, toSession } from "./session";
import { ownSession, sessionsOf } from "./session-access";

/**
 * The live sessions of a user, the last seen first: at most 50 for each account, so there is one page.
 * @throws ServiceError "not_found", "forbidden" except for one's own and for administrators
 */
export const listSessions = verb({
  role: "viewer",
  input: UserId,
  output: pageOf(Session),
  run: async (ctx, { id }) => {
    const rows = await ctx.db
      .select(sessionColumns)
      .from(sessions)
      .where(await sessionsOf(ctx.db, ctx.actor, id))
      .orderBy(desc(sessions.lastSeenAt), desc(sessions.id));
    return { data: rows.map((row) => toSession(row, ownSession(ctx.actor))), next_cursor: null };
  },
});
