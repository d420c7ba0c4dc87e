import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { log } from "#lib/observability/log";
import type { UserActor } from "./actor";
import { memberEmail } from "./member-email";

/** The content of a session's cookie. Everything else is read from the database each time. */
export type SessionClaims = { sessionId: string };

export type Session = {
  id: string;
  accountId: string;
  /** How many organizations its person may switch between. */
  memberships: number;
  actor: UserActor;
};

const SEEN_EVERY_MS = 60_000;

/**
 * Reads a session from the database, with one query, so that a sign-out, a deletion, a new role or a new password takes
 * effect on the next request.
 * @returns null if the session has ended
 */
export async function readSession(db: Db, { sessionId }: SessionClaims): Promise<Session | null> {
  if (!z.uuid().safeParse(sessionId).success) return null;
  const [row] = await db
    .select({
      accountId: sessions.accountId,
      lastSeenAt: sessions.lastSeenAt,
      memberships: sql<number>`(SELECT count(*) FROM users m WHERE m.account_id = ${sessions.accountId})::int`,
      id: users.id,
      name: users.name,
      email: memberEmail,
      role: users.role,
      organizationId: users.organizationId,
    })
    .from(sessions)
    // Of the session's account: a membership that another account took over ends it.
    .innerJoin(users, and(eq(users.id, sessions.userId), eq(users.accountId, sessions.accountId)))
    .where(and(eq(sessions.id, sessionId), sql`${sessions.expiresAt} > now()`));
  if (row === undefined) return null;
  const { accountId, memberships, lastSeenAt, id, email, role, organizationId } = row;
  if (Date.now() - lastSeenAt.getTime() > SEEN_EVERY_MS) recordSeen(db, sessionId);
  const name = row.name ?? email;
  const actor: UserActor = { kind: "user", id, name, email, role, organizationId, sessionId };
  return { id: sessionId, accountId, memberships, actor };
}

/** The user of a session; see `readSession`. */
export async function readActor(db: Db, claims: SessionClaims): Promise<UserActor | null> {
  return (await readSession(db, claims))?.actor ?? null;
}

/** Makes next-auth answer as it does without a cookie, and delete the cookie. */
export class SessionEnded extends Error {
  override name = "SessionEnded";
}

/** @throws SessionEnded */
export async function requireOpen(db: Db, claims: SessionClaims): Promise<void> {
  if ((await readSession(db, claims)) === null) throw new SessionEnded("the session has ended");
}

/** In the background: the page neither waits for it nor fails with it. */
function recordSeen(db: Db, sessionId: string): void {
  db.update(sessions)
    .set({ lastSeenAt: sql`now()` })
    // Concurrent requests write once.
    .where(
      and(
        eq(sessions.id, sessionId),
        sql`${sessions.lastSeenAt} < now() - make_interval(secs => ${SEEN_EVERY_MS / 1000}::int)`,
      ),
    )
    .catch((error: unknown) => log.warn({ err: error }, "failed to record when a session was seen"));
}
