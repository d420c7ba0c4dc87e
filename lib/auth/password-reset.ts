import { and, eq, isNotNull, or, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { accounts, organizations, users } from "#lib/db/schema/identity";
import { passwordResets } from "#lib/db/schema/sessions";
import { isPlausibleLinkToken } from "./link-token";

/** How long a link to a new password works. */
export const RESET_S = 30 * 60;

/**
 * The accounts whose person may set a new password by a mailed link. Not without a password, which would be a way around
 * single sign-on. The address of an unconfirmed account may be written by an `org_admin`: an administrator of the
 * installation gets a link only at an address that is confirmed or that another administrator wrote.
 */
export const mayResetByMail = (): SQL | undefined =>
  and(
    isNotNull(accounts.passwordHash),
    sql`EXISTS (SELECT FROM ${users} WHERE ${users.accountId} = ${accounts.id})`,
    or(
      isNotNull(accounts.emailConfirmedAt),
      accounts.emailVouched,
      sql`NOT EXISTS (SELECT FROM ${users} WHERE ${users.accountId} = ${accounts.id} AND ${users.role} = 'admin')`,
    ),
  );

/** The reset of a usable link, and its account. */
export const usableReset = (tokenHash: Buffer): SQL | undefined =>
  and(
    eq(passwordResets.tokenHash, tokenHash),
    sql`${passwordResets.expiresAt} > now()`,
    eq(passwordResets.email, accounts.email),
    mayResetByMail(),
  );

/** What the page of a link shows. */
export type PasswordReset = {
  accountId: string;
  email: string;
  /** The organization of an account that belongs to one. */
  organizationName: string | null;
};

/**
 * Finds the reset that a link is for, without using it.
 * @returns null for a link that is unknown, expired or used, or whose account has changed since
 */
export async function findReset(
  db: Db | Tx,
  hashSecret: (secret: string) => Buffer,
  token: string,
): Promise<PasswordReset | null> {
  if (!isPlausibleLinkToken(token)) return null;
  const [found] = await db
    .select({ accountId: accounts.id, email: accounts.email, organizationName: organizations.name })
    .from(passwordResets)
    .innerJoin(accounts, eq(accounts.id, passwordResets.accountId))
    .leftJoin(organizations, eq(organizations.id, accounts.homeOrganizationId))
    .where(usableReset(hashSecret(token)));
  return found ?? null;
}

/** Ends the open links of an account, and their mail that has not been sent. */
export async function endResets(tx: Tx, accountId: string): Promise<void> {
  await tx.delete(passwordResets).where(eq(passwordResets.accountId, accountId));
}
