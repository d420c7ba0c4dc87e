import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { accounts, auditLog, organizations, users } from "#lib/db/schema/identity";
import { invites } from "#lib/db/schema/sessions";
import { violatedUnique } from "#lib/db/unique-violation";
import type { Role } from "./actor";
import { isPlausibleLinkToken } from "./link-token";
import { memberEmail } from "./member-email";
import type { InviteRejection } from "./sign-in-problem";

/** How long an invite may be accepted. */
export const INVITE_S = 72 * 60 * 60;

/** What an invite is for. */
export type Invitation = {
  userId: string;
  /** As the organization wrote it; nothing proves it. */
  email: string;
  name: string | null;
  role: Role;
  organizationId: string | null;
  /** Null for an administrator of the installation. */
  organizationName: string | null;
};

/** The maker of an invite has the rights to make it still: no one leaves links behind that give more than they may. */
const isStillMakers = sql`(${invites.makerId} IS NULL OR EXISTS (
  SELECT FROM users maker JOIN users invited ON invited.id = ${invites.userId}
  WHERE maker.id = ${invites.makerId} AND (maker.role = 'admin' OR (
    maker.role = 'org_admin' AND invited.role <> 'admin' AND maker.organization_id = invited.organization_id))))`;

/**
 * Finds a usable invite.
 * @returns null for one that is unknown, expired, used or replaced, or whose maker may no longer invite the user
 */
export async function findInvite(
  db: Db | Tx,
  hashSecret: (secret: string) => Buffer,
  token: string,
): Promise<Invitation | null> {
  if (!isPlausibleLinkToken(token)) return null;
  const [found] = await db
    .select({
      userId: users.id,
      email: memberEmail,
      name: users.name,
      role: users.role,
      organizationId: users.organizationId,
      organizationName: organizations.name,
    })
    .from(invites)
    .innerJoin(users, eq(users.id, invites.userId))
    .leftJoin(organizations, eq(organizations.id, users.organizationId))
    .where(
      and(
        eq(invites.tokenHash, hashSecret(token)),
        sql`${invites.expiresAt} > now()`,
        isStillMakers,
        isNull(users.accountId),
      ),
    );
  return found ?? null;
}

/** An invite that cannot be accepted; the transaction is rolled back. */
export class InviteNotAccepted extends Error {
  override name = "InviteNotAccepted";
  constructor(readonly reason: InviteRejection) {
    super(reason);
  }
}

/**
 * Joins an invite's membership to an account whose person has just signed in, once, and audits it.
 * @throws InviteNotAccepted
 */
export async function acceptInvite(
  tx: Tx,
  { userId }: Invitation,
  { accountId, method, ip }: { accountId: string; method: string; ip: string | null },
): Promise<void> {
  // Deleting the row decides which of two concurrent requests accepts it.
  const [used] = await tx
    .delete(invites)
    .where(and(eq(invites.userId, userId), isStillMakers))
    .returning();
  if (used === undefined) throw new InviteNotAccepted("invite-invalid");
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, accountId)).for("update");
  if (account === undefined) throw new InviteNotAccepted("invite-invalid");
  const [joined] = await tx
    .update(users)
    .set({ accountId })
    // Its e-mail address may have joined it in the same sign-in (claim-account.ts).
    .where(and(eq(users.id, userId), or(isNull(users.accountId), eq(users.accountId, accountId))))
    .returning({ name: users.name, email: memberEmail, organizationId: users.organizationId })
    .catch((error: unknown) => {
      if (violatedUnique(error) === undefined) throw error;
      throw new InviteNotAccepted("invite-already-member");
    });
  if (joined === undefined) throw new InviteNotAccepted("invite-invalid");
  if (account.emailConfirmedAt === null && account.homeOrganizationId !== joined.organizationId)
    throw new InviteNotAccepted("invite-unconfirmed");
  // Made for the address that the invite had: an admin has just changed it.
  if (account.emailConfirmedAt === null && account.email !== joined.email)
    throw new InviteNotAccepted("invite-invalid");
  await tx.insert(auditLog).values({
    actorId: userId,
    actorName: joined.name ?? joined.email,
    organizationId: joined.organizationId,
    action: "user.accept_invite",
    subjectType: "user",
    subjectId: userId,
    // Not the account's address: the organization may know only the one that it wrote.
    after: { email: joined.email, method },
    ip,
  });
}
