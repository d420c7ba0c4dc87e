import { eq } from "drizzle-orm";
import { z } from "zod";
import type { UserActor } from "#lib/auth/actor";
import { lockAccount } from "#lib/auth/lock-account";
import { hashPassword, NewPassword, verifyPassword } from "#lib/auth/password";
import { countAttempt, uncountAttempt } from "#lib/auth/sign-in-throttle";
import type { Db, Tx } from "#lib/db/client";
import { accounts, users } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { forbidden, invalidField, ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { setPasswordHash } from "#lib/services/users/set-password";
import { verb } from "#lib/services/verb";

const MINUTE_S = 60;

type Account = { id: string; email: string; passwordHash: string };

/**
 * Changes the password of a person's account, who knows the present one, and ends their other sessions and links to a
 * new password. Each organization of the account has it in its audit log, and the person is told by mail. Wrong
 * passwords count as failed sign-ins: a stolen session cannot guess the password without end.
 * @throws ServiceError "forbidden" without a portal session, "conflict" for an account without a password, "invalid"
 * for a wrong present password or after too many of them
 */
export const changeOwnPassword = verb({
  role: "viewer",
  input: z.strictObject({
    // Longer ones are not hashed.
    current_password: z.string().min(1, "Enter your current password.").max(1024, "At most 1024 characters."),
    new_password: NewPassword,
  }),
  output: z.void(),
  run: async (ctx, { current_password, new_password }) => {
    const { actor } = ctx;
    if (actor.kind !== "user") throw forbidden("Only people who are signed in have a password.");
    const account = await passwordAccount(ctx.db, actor);
    await requirePassword(ctx, account, current_password);
    const passwordHash = await hashPassword(new_password, ctx.passwordSalt(account.email));
    await ctx.db.transaction((tx) => replacePassword(tx, ctx, account, passwordHash));
  },
});

/** Whether a person has a password, rather than single sign-on alone. */
export const hasPassword = async (db: Db | Tx, actor: UserActor): Promise<boolean> =>
  (await findAccount(db, actor))?.passwordHash != null;

async function findAccount(db: Db | Tx, { id }: UserActor) {
  const [account] = await db
    .select({ id: accounts.id, email: accounts.email, passwordHash: accounts.passwordHash })
    .from(users)
    .innerJoin(accounts, eq(accounts.id, users.accountId))
    .where(eq(users.id, id));
  return account;
}

async function passwordAccount(db: Db | Tx, actor: UserActor): Promise<Account> {
  const account = await findAccount(db, actor);
  if (account?.passwordHash == null) {
    throw new ServiceError("conflict", "This account has no password: it signs in by single sign-on.");
  }
  return { ...account, passwordHash: account.passwordHash };
}

async function requirePassword(
  { db, hashSecret, requestIp }: Pick<ServiceContext, "db" | "hashSecret" | "requestIp">,
  { email, passwordHash }: Account,
  password: string,
): Promise<void> {
  const who = { email: email.toLowerCase(), address: requestIp ?? null };
  const throttling = await countAttempt(db, hashSecret, who);
  if (throttling.throttled) {
    const minutes = Math.ceil(throttling.retryAfterS / MINUTE_S);
    throw invalidField(
      "current_password",
      `Too many wrong passwords. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`,
    );
  }
  if (!(await verifyPassword(password, passwordHash))) {
    throw invalidField("current_password", "Wrong password.");
  }
  await uncountAttempt(db, hashSecret, who);
}

async function replacePassword(
  tx: Tx,
  ctx: ServiceContext,
  account: Account,
  passwordHash: string,
): Promise<void> {
  const { members, account: now } = await lockAccount(tx, account.id);
  const [member] = members;
  if (member === undefined || now?.passwordHash !== account.passwordHash) {
    throw new ServiceError("conflict", "The password has just been changed. Reload the page and try again.");
  }
  const { ended } = await setPasswordHash(tx, ctx, member, passwordHash);
  for (const { id, organizationId } of members) {
    // An organization learns of its own sessions only.
    const own = ended.filter(({ userId }) => userId === id).map((session) => session.id);
    await recordAudit(tx, ctx, {
      action: "user.change_password",
      subjectType: "user",
      subjectId: id,
      organizationId,
      after: { password: "changed", ...(own.length > 0 ? { ended_sessions: own } : {}) },
    });
  }
  if (ctx.config.SMTP_URL !== undefined) {
    await tx.insert(mails).values({ kind: "password_changed", toAddress: account.email });
  }
}
