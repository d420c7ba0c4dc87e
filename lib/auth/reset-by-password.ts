import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { accounts, auditLog } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { passwordResets, sessions } from "#lib/db/schema/sessions";
import type { LinkUse } from "./accept-by-password";
import { lockAccount } from "./lock-account";
import { hashPassword, NewPassword, passwordSalt } from "./password";
import { endResets, findReset, usableReset } from "./password-reset";
import { beginSession, type SignedIn } from "./session-record";
import type { ResetRejection } from "./sign-in-problem";

const Given = z.object({ reset: z.string(), password: NewPassword });

export type ResetAnswer = { reset: true; session: SignedIn } | { reset: false; reason: ResetRejection };

type Settings = LinkUse & {
  /** Whether there is a mail server to tell the person with. */
  withMail: boolean;
};

/**
 * Sets a new password by a mailed link, once, ends all sessions of the account and signs in. Each organization of the
 * account has it in its audit log, and its person is told by mail.
 */
export async function resetByPassword(db: Db, given: unknown, settings: Settings): Promise<ResetAnswer> {
  const asked = Given.safeParse(given);
  if (!asked.success) return { reset: false, reason: "reset-password" };
  const { reset: token, password } = asked.data;
  const { hashSecret, hashing } = settings;
  const found = await findReset(db, hashSecret, token);
  // Before the password is hashed, which is what costs.
  if (found === null) return { reset: false, reason: "reset-invalid" };
  const passwordHash = await hashPassword(password, passwordSalt(hashing, found.email));
  const use = { accountId: found.accountId, tokenHash: hashSecret(token), passwordHash };
  const session = await retryingTransaction(db, (tx) => useReset(tx, use, settings));
  return session === null ? { reset: false, reason: "reset-invalid" } : { reset: true, session };
}

type Use = { accountId: string; tokenHash: Buffer; passwordHash: string };

/** @returns null if the link was used, or the account changed, in the meantime */
async function useReset(
  tx: Tx,
  { accountId, tokenHash, passwordHash }: Use,
  { origin, withMail }: Settings,
): Promise<SignedIn | null> {
  const { members } = await lockAccount(tx, accountId);
  const [account] = await tx
    .select({ id: accounts.id, email: accounts.email })
    .from(passwordResets)
    .innerJoin(accounts, eq(accounts.id, passwordResets.accountId))
    .where(usableReset(tokenHash));
  if (account === undefined) return null;
  await tx.update(accounts).set({ passwordHash }).where(eq(accounts.id, accountId));
  await endResets(tx, accountId);
  const ended = await tx
    .delete(sessions)
    .where(eq(sessions.accountId, accountId))
    .returning({ id: sessions.id, userId: sessions.userId });
  for (const { id, name, email, organizationId } of members) {
    // An organization learns of its own sessions only.
    const own = ended.filter(({ userId }) => userId === id).map((session) => session.id);
    await tx.insert(auditLog).values({
      actorId: id,
      actorName: name ?? email ?? account.email,
      organizationId,
      action: "user.reset_password",
      subjectType: "user",
      subjectId: id,
      after: { password: "changed", ...(own.length > 0 ? { ended_sessions: own } : {}) },
      ip: origin.address,
    });
  }
  if (withMail) await tx.insert(mails).values({ kind: "password_changed", toAddress: account.email });
  return beginSession(tx, accountId, { method: "password reset", origin });
}
