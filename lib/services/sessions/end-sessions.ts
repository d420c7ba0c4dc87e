import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { sessions } from "#lib/db/schema/sessions";
import { notFound } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { UserId } from "#lib/services/users/get-user";
import { verb } from "#lib/services/verb";
import { type EndedSession, endSessions, sessionsOf } from "./session-access";

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

/** One row for each user, in the organization of that user: no organization learns of sessions in another. */
async function auditEnded(tx: Tx, ctx: ServiceContext, ended: readonly EndedSession[]): Promise<void> {
  for (const userId of new Set(ended.map((session) => session.userId))) {
    const those = ended.filter((session) => session.userId === userId);
    await recordAudit(tx, ctx, {
      action: "user.end_sessions",
      subjectType: "user",
      subjectId: userId,
      organizationId: those[0]?.organizationId ?? null,
      before: { session_ids: those.map(({ id }) => id) },
    });
  }
}
