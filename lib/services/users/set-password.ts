import { eq } from "drizzle-orm";
import { hashPassword } from "#lib/auth/password";
import { endResets } from "#lib/auth/password-reset";
import type { Tx } from "#lib/db/client";
import { accounts, users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { forbidden, invalidField } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { type EndedSession, endSessions } from "#lib/services/sessions/session-access";
import type { UserRow } from "./user";

/**
 * Hashes a password that an administrator sets for a user with this e-mail address.
 * @returns null for null
 * @throws ServiceError "forbidden" except for administrators with a portal session: a token that sets a password would
 * outlive itself, "invalid" without an address
 */
export async function passwordHashFor(
  { actor, passwordSalt }: Pick<ServiceContext, "actor" | "passwordSalt">,
  email: string | null,
  password: string | null,
): Promise<string | null> {
  if (password === null) return null;
  requireMaySetPasswords(actor);
  if (email === null) {
    throw invalidField("password", "Give the user an e-mail address, too: people sign in with one.");
  }
  return hashPassword(password, passwordSalt(email));
}

/** @throws ServiceError "forbidden" except for administrators with a portal session */
export function requireMaySetPasswords(actor: ServiceContext["actor"]): void {
  if (actor.kind === "user" && actor.role === "admin") return;
  throw forbidden(
    "Only administrators who are signed in to the portal may set a password. Invite the user instead.",
  );
}

/**
 * Sets or removes (null) the password of a user's account, and ends its links to a new password and its sessions except
 * the actor's own. A user without
 * an account gets one, which stays in its organization like that of an invite.
 * @returns the account's id (null for a user without an account whose password is removed) and the ended sessions
 */
export async function setPasswordHash(
  tx: Tx,
  { actor }: Pick<ServiceContext, "actor">,
  user: Pick<UserRow, "id" | "email" | "organizationId" | "accountId">,
  passwordHash: string | null,
): Promise<{ accountId: string | null; ended: EndedSession[] }> {
  if (user.accountId === null) {
    if (passwordHash === null || user.email === null) return { accountId: null, ended: [] };
    const [account] = await tx
      .insert(accounts)
      .values({
        email: user.email,
        passwordHash,
        homeOrganizationId: user.organizationId,
        emailVouched: true,
      })
      .returning({ id: accounts.id });
    if (account === undefined) throw new Error("the account was not inserted");
    await tx.update(users).set({ accountId: account.id }).where(eq(users.id, user.id));
    return { accountId: account.id, ended: [] };
  }
  await tx.update(accounts).set({ passwordHash }).where(eq(accounts.id, user.accountId));
  await endResets(tx, user.accountId);
  const ended = await endSessions(tx, actor, eq(sessions.accountId, user.accountId));
  return { accountId: user.accountId, ended };
}
