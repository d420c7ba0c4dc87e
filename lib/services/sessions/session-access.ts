import { and, eq, gt, ne, or, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { forbidden } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import type { UserRow } from "#lib/services/users/user";
import { mayManageUser, readUser } from "#lib/services/users/user-access";

/** The session in which an actor acts, if any. */
export const ownSession = (actor: Actor): string | undefined =>
  actor.kind === "user" ? actor.sessionId : undefined;

/**
 * The sessions of a user that an actor may list and end: their own and, for administrators, all of the user's account;
 * for an `org_admin` only those that act as this user, and so in this organization.
 * @throws ServiceError "not_found", "forbidden"
 */
export async function sessionsOf(db: Db | Tx, actor: Actor, userId: string): Promise<SQL | undefined> {
  const user = await readUser(db, actor, userId);
  const isOwn = actor.kind === "user" && actor.id === userId;
  if (!isOwn && !mayManageUser(actor, user)) throw forbidden("You may see and end only your own sessions.");
  return and(
    gt(sessions.expiresAt, sql`now()`),
    isOwn || actor.role === "admin" ? ofAccount(user) : ofUser(user),
  );
}

const ofUser = ({ id }: Pick<UserRow, "id">): SQL => eq(sessions.userId, id);

const ofAccount = ({ id, accountId }: Pick<UserRow, "id" | "accountId">): SQL | undefined =>
  accountId === null ? ofUser({ id }) : eq(sessions.accountId, accountId);

/** An ended session, for the audit log of the organization that it was in. */
export type EndedSession = { id: string; userId: string; organizationId: string | null };

/** Ends the sessions that `within` selects, except the actor's own unless `evenOwn`. Returns them. */
export async function endSessions(
  tx: Tx,
  actor: Actor,
  within: SQL | undefined,
  evenOwn = false,
): Promise<EndedSession[]> {
  const own = evenOwn ? undefined : ownSession(actor);
  const ended = await tx
    .delete(sessions)
    .where(and(within, own === undefined ? undefined : ne(sessions.id, own)))
    .returning({ id: sessions.id, userId: sessions.userId });
  if (ended.length === 0) return [];
  const ids = [...new Set(ended.map(({ userId }) => userId))];
  const members = await tx
    .select({ id: users.id, organizationId: users.organizationId })
    .from(users)
    .where(or(...ids.map((id) => eq(users.id, id))));
  const organizations = new Map(members.map(({ id, organizationId }) => [id, organizationId]));
  return ended.map(({ id, userId }) => ({ id, userId, organizationId: organizations.get(userId) ?? null }));
}

/** One row for each user, in the organization of that user: no organization learns of sessions in another. */
export async function auditEnded(
  tx: Tx,
  ctx: Pick<ServiceContext, "actor" | "requestIp">,
  ended: readonly EndedSession[],
): Promise<void> {
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
