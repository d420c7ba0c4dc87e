import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { sessions } from "#lib/db/schema/sessions";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { UserId } from "#lib/services/users/get-user";
import { verb } from "#lib/services/verb";
import { auditEnded, endSessions, sessionsOf } from "./session-access";

/**
 * Ends a user's sessions, except the one that asks.
 * @throws ServiceError "not_found", "forbidden" except for one's own and for administrators
 */
export const endAllSessions = verb({
  role: "viewer",
  input: UserId,
  output: z.void(),
  run: async (ctx, { id }) => {
    await ctx.db.transaction(async (tx) => {
      const ended = await endSessions(tx, ctx.actor, await sessionsOf(tx, ctx.actor, id));
      await auditEnded(tx, ctx, ended);
    });
  },
});

/**
 * Ends one of a user's sessions, even the one that asks.
 * @throws ServiceError "not_found", "forbidden" except for one's own and for administrators
 */
export const endSession = verb({
  role: "viewer",
  input: z.strictObject({ id: idField("user"), session_id: idField("session") }),
  output: z.void(),
  run: async (ctx, { id, session_id }) => {
    await ctx.db.transaction(async (tx) => {
      const visible = await sessionsOf(tx, ctx.actor, id);
      const ended = await endSessions(tx, ctx.actor, and(visible, eq(sessions.id, session_id)), true);
      if (ended.length === 0) throw notFound("session");
      await auditEnded(tx, ctx, ended);
    });
  },
});
