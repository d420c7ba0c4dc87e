import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { preferredFirst } from "#lib/auth/account-order";
import { secretHash } from "#lib/auth/hashing-secrets";
import { newLinkToken } from "#lib/auth/link-token";
import { mayResetByMail, RESET_S } from "#lib/auth/password-reset";
import type { EncryptionKeys } from "#lib/config/seal";
import type { Db, Tx } from "#lib/db/client";
import { accounts, auditLog } from "#lib/db/schema/identity";
import { passwordResetRequests, passwordResets } from "#lib/db/schema/sessions";
import { queueLink } from "./queue-link";

const BATCH = 50;
/** One letter for each account with an address. More than this many organizations gave it one without its person. */
const MOST_ACCOUNTS = 10;

export type ResetSettings = { keys: EncryptionKeys; hashSecret?: (secret: string) => Buffer };
type Request = typeof passwordResetRequests.$inferSelect;

/**
 * Mails a link to the person of each account whose new password was asked for; for an unknown address nothing happens. Each
 * request is answered once, however many replicas do so.
 * @returns the number of requests
 */
export async function issueResets(
  db: Db,
  { keys, hashSecret = secretHash() }: ResetSettings,
): Promise<number> {
  let issued = 0;
  for (;;) {
    const taken = await db.transaction(async (tx) => {
      const requests = await takeRequests(tx);
      for (const request of requests) await issue(tx, request, { keys, hashSecret });
      return requests.length;
    });
    issued += taken;
    if (taken < BATCH) return issued;
  }
}

async function takeRequests(tx: Tx): Promise<Request[]> {
  const next = tx
    .select({ id: passwordResetRequests.id })
    .from(passwordResetRequests)
    .orderBy(asc(passwordResetRequests.createdAt))
    .limit(BATCH)
    .for("update", { skipLocked: true });
  return tx.delete(passwordResetRequests).where(inArray(passwordResetRequests.id, next)).returning();
}

async function issue(
  tx: Tx,
  { email, portalUrl, ip }: Request,
  { keys, hashSecret }: Required<ResetSettings>,
): Promise<void> {
  const found = await tx
    .select({ id: accounts.id, email: accounts.email, organizationId: accounts.homeOrganizationId })
    .from(accounts)
    .where(and(eq(sql`lower(${accounts.email})`, email), mayResetByMail()))
    .orderBy(...preferredFirst())
    .limit(MOST_ACCOUNTS);
  for (const account of found) {
    const token = newLinkToken();
    const [reset] = await tx
      .insert(passwordResets)
      .values({
        accountId: account.id,
        email: account.email,
        tokenHash: hashSecret(token),
        expiresAt: sql`now() + make_interval(secs => ${RESET_S}::int)`,
      })
      .returning({ id: passwordResets.id });
    if (reset === undefined) throw new Error("the reset was not inserted");
    await queueLink(tx, keys, {
      kind: "password_reset",
      // As the account has it: the address that was typed may only look the same in lower case.
      toAddress: account.email,
      organizationId: account.organizationId,
      resetId: reset.id,
      url: `${portalUrl}/reset-password/${token}`,
    });
    // Of no organization, as failed sign-ins: several may have the address.
    await tx.insert(auditLog).values({
      actorId: "anonymous",
      actorName: "anonymous",
      action: "account.request_password_reset",
      subjectType: "account",
      subjectId: account.id,
      after: { email: account.email },
      ip,
    });
  }
}
