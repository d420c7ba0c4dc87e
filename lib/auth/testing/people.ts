import { createHash } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import type { Role } from "#lib/auth/actor";
import { hashPassword, passwordSalt } from "#lib/auth/password";
import type { SignInOrigin } from "#lib/auth/sign-in";
import type { Db } from "#lib/db/client";
import { accounts, auditLog, organizations, users } from "#lib/db/schema/identity";
import { firstRow } from "#lib/testing/first-row";

export const ENCRYPTION_KEY = createHash("sha256").update("key of the sign-in tests").digest("base64");
export const digest = (text: string) => createHash("sha256").update(`test ${text}`).digest();

let addresses = 1;

/** A browser at a new address each time, to avoid the throttle (sign-in-throttle.db.test.ts). */
export const newOrigin = (): SignInOrigin => ({
  address: `2001:db8:${(addresses++).toString(16)}::1`,
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  digest,
  hashing: ENCRYPTION_KEY,
});

type Person = {
  email: string;
  /** Null: without an organization. */
  organizationId: string | null;
  password?: string;
  /** Whether the e-mail address is confirmed. */
  confirmed?: boolean;
  oidc?: { issuer: string; subject: string };
  role?: Role;
};

/** Creates an account with one membership. */
export async function createPerson(
  db: Db,
  { email, organizationId, password, confirmed = false, oidc, role = "member" }: Person,
): Promise<{ accountId: string; userId: string }> {
  const account = {
    email,
    passwordHash:
      password === undefined ? null : await hashPassword(password, passwordSalt(ENCRYPTION_KEY, email)),
    emailConfirmedAt: confirmed ? new Date() : null,
    homeOrganizationId: confirmed ? null : organizationId,
    oidcIssuer: oidc?.issuer,
    oidcSubject: oidc?.subject,
  };
  const accountId = firstRow(await db.insert(accounts).values(account).returning({ id: accounts.id })).id;
  return { accountId, userId: await createMembership(db, { email, organizationId, role, accountId }) };
}

/** Creates a membership; without an account it waits to be accepted. */
export async function createMembership(
  db: Db,
  values: { email: string; organizationId: string | null; role?: Role; accountId?: string },
): Promise<string> {
  return firstRow(await db.insert(users).values(values).returning({ id: users.id })).id;
}

/** Creates an organization. Returns its id. */
export const createOrganization = async (db: Db, name: string): Promise<string> =>
  firstRow(await db.insert(organizations).values({ name }).returning({ id: organizations.id })).id;

/** The account that a user's person signs in with; undefined for a user that no one has accepted. */
export async function accountOf(db: Db, userId: string) {
  const [row] = await db
    .select()
    .from(accounts)
    .innerJoin(users, eq(users.accountId, accounts.id))
    .where(eq(users.id, userId));
  return row?.accounts;
}

/** Confirms the address of a user's account, so that it belongs to its person and to no organization. */
export async function confirmAccount(db: Db, userId: string): Promise<{ accountId: string }> {
  const account = await accountOf(db, userId);
  if (account === undefined) throw new Error("the user has no account");
  const confirmed = { emailConfirmedAt: new Date(), homeOrganizationId: null };
  await db.update(accounts).set(confirmed).where(eq(accounts.id, account.id));
  return { accountId: account.id };
}

/** What the audit log says of a subject, newest first. */
export const auditOf = (db: Db, subjectId: string) =>
  db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(desc(auditLog.id));
