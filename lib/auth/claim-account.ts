import { and, asc, desc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { accounts, auditLog, users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { SYSTEM } from "./actor";
import type { OidcClaims } from "./oidc-claims";

/** Claims with an e-mail address that the issuer has verified. */
export type Verified = OidcClaims & { email: string };

type Account = typeof accounts.$inferSelect;

/**
 * Finds the account of a person whose issuer and subject are unknown, by their verified e-mail address, and binds it to
 * both. That is the confirmed account with the address. If there is none, this sign-in is the proof of the address:
 * the accounts that invites made for it become one, which is confirmed, and open memberships with the address join.
 * Passwords that were set by link are removed, because anyone with the link may have set them, and sessions end.
 * @returns null if no one has the address; "linked" if the confirmed account belongs to another subject of the issuer,
 * since addresses are reassigned
 */
export async function claimAccount(
  tx: Tx,
  claims: Verified,
  ip: string | null,
): Promise<{ id: string } | "linked" | null> {
  const hasEmail = eq(sql`lower(${accounts.email})`, sql`lower(${claims.email})`);
  const found = await tx
    .select()
    .from(accounts)
    .where(hasEmail)
    // An administrator of the installation keeps account and password.
    .orderBy(desc(isNull(accounts.homeOrganizationId)), asc(accounts.createdAt))
    .for("update");
  const confirmed = found.find((account) => account.emailConfirmedAt !== null);
  if (confirmed !== undefined) return bind(tx, confirmed, claims, ip);
  const bound = { oidcIssuer: claims.iss, oidcSubject: claims.sub, emailConfirmedAt: sql`now()` };
  // One that an invite bound to another subject of this issuer is someone else's.
  const [first, ...others] = found.filter(({ oidcIssuer }) => oidcIssuer !== claims.iss);
  const open = await openMemberships(tx, claims, first === undefined ? [] : [first, ...others]);
  if (open.length === 0) return null;
  const account = first ?? (await insertAccount(tx, claims));
  for (const { id } of open) await tx.update(users).set({ accountId: account.id }).where(eq(users.id, id));
  for (const { id } of others) await tx.delete(accounts).where(eq(accounts.id, id));
  await tx
    .update(accounts)
    .set({
      ...bound,
      homeOrganizationId: null,
      // Only administrators of the installation set the passwords of their own kind.
      ...(account.homeOrganizationId === null ? {} : { passwordHash: null }),
    })
    .where(eq(accounts.id, account.id));
  await tx.delete(sessions).where(eq(sessions.accountId, account.id));
  const removed = (id: string | null) =>
    found.some((each) => each.id === id && each.passwordHash !== null && each.homeOrganizationId !== null);
  for (const member of open) {
    await auditLink(tx, member, ip, {
      before: { oidc_issuer: null, oidc_subject: null },
      after: {
        oidc_issuer: claims.iss,
        oidc_subject: claims.sub,
        ...(removed(member.accountId) ? { password: "removed" } : {}),
      },
    });
  }
  return account;
}

/** Confirmed: the password, if there is one, is the person's own. A link to an earlier issuer is useless. */
async function bind(
  tx: Tx,
  account: Account,
  claims: Verified,
  ip: string | null,
): Promise<{ id: string } | "linked"> {
  if (account.oidcIssuer === claims.iss) return "linked";
  const link = { oidcIssuer: claims.iss, oidcSubject: claims.sub };
  await tx.update(accounts).set(link).where(eq(accounts.id, account.id));
  await tx.delete(sessions).where(eq(sessions.accountId, account.id));
  for (const member of await tx.select().from(users).where(eq(users.accountId, account.id))) {
    await auditLink(tx, member, ip, {
      before: { oidc_issuer: account.oidcIssuer, oidc_subject: account.oidcSubject },
      after: { oidc_issuer: claims.iss, oidc_subject: claims.sub },
    });
  }
  return account;
}

/** The memberships of unconfirmed accounts, and those with the address that no one has accepted. */
const openMemberships = (tx: Tx, { email }: Verified, unconfirmed: readonly Account[]) =>
  tx
    .select()
    .from(users)
    .where(
      or(
        and(isNull(users.accountId), eq(sql`lower(${users.email})`, sql`lower(${email})`)),
        unconfirmed.length === 0
          ? undefined
          : inArray(
              users.accountId,
              unconfirmed.map(({ id }) => id),
            ),
      ),
    )
    .orderBy(asc(users.createdAt))
    .for("update");

/** Inserts a confirmed account of an issuer's person. */
export async function insertAccount(
  tx: Tx,
  { email, iss, sub }: Pick<Verified, "email" | "iss" | "sub">,
): Promise<Account> {
  const [account] = await tx
    .insert(accounts)
    .values({ email, emailConfirmedAt: sql`now()`, oidcIssuer: iss, oidcSubject: sub })
    .returning();
  if (account === undefined) throw new Error("the account was not inserted");
  return account;
}

async function auditLink(
  tx: Tx,
  user: Pick<typeof users.$inferSelect, "id" | "organizationId" | "email">,
  ip: string | null,
  { before, after }: { before: object; after: object },
): Promise<void> {
  await tx.insert(auditLog).values({
    actorId: SYSTEM.id,
    actorName: SYSTEM.name,
    organizationId: user.organizationId,
    action: "user.link",
    subjectType: "user",
    subjectId: user.id,
    before: { email: user.email, ...before },
    after: { email: user.email, ...after },
    ip,
  });
}
