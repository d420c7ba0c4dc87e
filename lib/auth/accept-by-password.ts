import { z } from "zod";
import type { Db } from "#lib/db/client";
import { accounts } from "#lib/db/schema/identity";
import { violatedUnique } from "#lib/db/unique-violation";
import type { HashingSecrets } from "./derived-secrets";
import { acceptInvite, findInvite, InviteNotAccepted } from "./invite";
import { hashPassword, NewPassword, passwordSalt } from "./password";
import { beginSession, type SessionOrigin, type SignedIn } from "./session-record";
import type { InviteRejection } from "./sign-in-problem";

const Given = z.object({ invite: z.string(), password: NewPassword });

export type InviteAnswer =
  | { accepted: true; session: SignedIn }
  | { accepted: false; reason: InviteRejection };

/** Where a link is used, and how links and passwords are stored. */
export type LinkUse = {
  hashSecret: (secret: string) => Buffer;
  hashing: HashingSecrets | string;
  origin: SessionOrigin;
};

/**
 * Accepts an invite by setting a password, and signs in. It always makes a new account, whether or not one has the
 * e-mail address: the link does not prove whose address it is. So the account stays in the organization of the invite.
 */
export async function acceptByPassword(
  db: Db,
  given: unknown,
  { hashSecret, hashing, origin }: LinkUse,
): Promise<InviteAnswer> {
  const asked = Given.safeParse(given);
  if (!asked.success) return { accepted: false, reason: "invite-password" };
  const { invite, password } = asked.data;
  const invitation = await findInvite(db, hashSecret, invite);
  // Before the password is hashed, which is what costs.
  if (invitation === null) return { accepted: false, reason: "invite-invalid" };
  const { email, organizationId, role } = invitation;
  const passwordHash = await hashPassword(password, passwordSalt(hashing, email));
  try {
    return await db.transaction(async (tx) => {
      const [account] = await tx
        .insert(accounts)
        // Only an administrator invites another.
        .values({ email, passwordHash, homeOrganizationId: organizationId, emailVouched: role === "admin" })
        .returning({ id: accounts.id });
      if (account === undefined) throw new Error("the account was not inserted");
      await acceptInvite(tx, invitation, { accountId: account.id, method: "password", ip: origin.address });
      const session = await beginSession(tx, account.id, { method: "password", origin });
      if (session === null) throw new Error("the accepted membership is missing");
      return { accepted: true, session };
    });
  } catch (error) {
    if (error instanceof InviteNotAccepted) return { accepted: false, reason: error.reason };
    // Another request has just accepted it, or changed the address to that of another account there.
    if (violatedUnique(error) !== undefined) return { accepted: false, reason: "invite-invalid" };
    throw error;
  }
}
