import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { accounts, auditLog, users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { memberEmail } from "./member-email";

/** A session that has begun. The cookie has its id. */
export type SignedIn = { id: string; email: string; name: string | null };

/** The browser of a sign-in. Null if unknown. */
export type SessionOrigin = { address: string | null; userAgent: string | null };

type Start = {
  method: "password" | "single sign-on" | "password reset";
  origin: SessionOrigin;
  /** The membership to begin in; by default the last one used. */
  userId?: string;
};

/** How long a session lasts, however often it is used. */
export const SESSION_S = 12 * 60 * 60;

/** A script that signs in again and again does not fill the database: its oldest sessions end. */
const MOST_SESSIONS = 50;
const LONGEST_USER_AGENT = 400;

/**
 * Begins a session of an account: in the membership that it used last, otherwise its oldest. Audited in the
 * organization of that membership.
 * @returns null for an account without a membership
 */
export async function beginSession(
  tx: Tx,
  accountId: string,
  { method, origin, userId }: Start,
): Promise<SignedIn | null> {
  const [member] = await tx
    .select({ id: users.id, email: memberEmail, name: users.name, organizationId: users.organizationId })
    .from(users)
    .innerJoin(accounts, eq(accounts.id, users.accountId))
    .where(and(eq(users.accountId, accountId), userId === undefined ? undefined : eq(users.id, userId)))
    .orderBy(desc(sql`${users.id} IS NOT DISTINCT FROM ${accounts.lastUserId}`), asc(users.createdAt))
    .limit(1);
  if (member === undefined) return null;
  const userAgent = origin.userAgent === null ? null : storable(origin.userAgent);
  const [session] = await tx
    .insert(sessions)
    .values({
      accountId,
      userId: member.id,
      expiresAt: sql`now() + make_interval(secs => ${SESSION_S}::int)`,
      ip: origin.address,
      userAgent,
    })
    .returning({ id: sessions.id });
  if (session === undefined) throw new Error("the session was not inserted");
  await endOldest(tx, accountId);
  await tx
    .update(accounts)
    .set({ lastUserId: member.id, lastSignInAt: sql`now()` })
    .where(eq(accounts.id, accountId));
  await auditSession(tx, "user.sign_in", member, origin.address, {
    after: { method, session_id: session.id, user_agent: userAgent },
  });
  return { id: session.id, email: member.email, name: member.name };
}

/** Cut first, which may split a pair of surrogates. */
const storable = (userAgent: string): string =>
  userAgent
    .replace(/\p{Cc}/gu, "")
    .slice(0, LONGEST_USER_AGENT)
    .replace(/\p{Cs}/gu, "");

async function endOldest(tx: Tx, accountId: string): Promise<void> {
  const oldest = tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(eq(sessions.accountId, accountId))
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .offset(MOST_SESSIONS);
  await tx.delete(sessions).where(inArray(sessions.id, oldest));
}

/** Ends a session because its user signed out. A copy of its cookie is useless from then on. */
export async function signOut(db: Db, sessionId: string, address: string | null): Promise<void> {
  await db.transaction(async (tx) => {
    const [ended] = await tx
      .delete(sessions)
      .where(eq(sessions.id, sessionId))
      .returning({ userId: sessions.userId });
    if (ended === undefined) return;
    const [member] = await tx
      .select({ id: users.id, email: memberEmail, name: users.name, organizationId: users.organizationId })
      .from(users)
      .where(eq(users.id, ended.userId));
    if (member === undefined) return;
    await auditSession(tx, "user.sign_out", member, address, { before: { session_id: sessionId } });
  });
}

/**
 * Lets a session act as another membership of its account, which is also where the next sign-in goes. Audited in the
 * organization that it enters.
 * @returns false for a membership of another account, and for a session that has ended
 */
export async function switchMembership(
  db: Db | Tx,
  sessionId: string,
  userId: string,
  address: string | null,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [member] = await tx
      .select({
        id: users.id,
        email: memberEmail,
        name: users.name,
        organizationId: users.organizationId,
        accountId: sessions.accountId,
      })
      .from(sessions)
      .innerJoin(users, eq(users.accountId, sessions.accountId))
      .where(and(eq(sessions.id, sessionId), eq(users.id, userId), sql`${sessions.expiresAt} > now()`))
      .for("update", { of: sessions });
    if (member === undefined) return false;
    await tx.update(sessions).set({ userId }).where(eq(sessions.id, sessionId));
    await tx.update(accounts).set({ lastUserId: userId }).where(eq(accounts.id, member.accountId));
    await auditSession(tx, "user.switch_organization", member, address, { after: { session_id: sessionId } });
    return true;
  });
}

type Member = { id: string; email: string; name: string | null; organizationId: string | null };

/** The user is both actor and subject. */
async function auditSession(
  tx: Tx,
  action: string,
  { id, name, email, organizationId }: Member,
  ip: string | null,
  state: { before?: object; after?: object },
): Promise<void> {
  await tx.insert(auditLog).values({
    actorId: id,
    actorName: name ?? email,
    organizationId,
    action,
    subjectType: "user",
    subjectId: id,
    ip,
    ...state,
  });
}
