import { and, eq, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { accounts } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { preferredFirst } from "./account-order";
import { auditFailure } from "./audit-failure";
import type { HashingSecrets } from "./derived-secrets";
import { acceptInvite, findInvite, InviteNotAccepted } from "./invite";
import { hashPassword, hashStart, passwordSalt, verifyPassword } from "./password";
import { beginSession, type SessionOrigin, type SignedIn } from "./session-record";
import type { InviteRejection } from "./sign-in-problem";
import { countAttempt, uncountAttempt } from "./sign-in-throttle";

const Credentials = z.object({
  // Without characters that PostgreSQL rejects.
  email: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[^\p{Cc}\p{Cs}]{1,320}$/u),
  // Longer ones are not hashed: a megabyte would cost a second of CPU.
  password: z.string().min(1).max(1024),
  /** The token of an invite to accept. */
  invite: z.string().optional(),
});

export type PasswordSignIn =
  | { outcome: "signed_in"; session: SignedIn }
  | { outcome: "rejected" }
  | { outcome: "not_accepted"; reason: InviteRejection }
  | { outcome: "throttled"; retryAfterS: number };

/** Where a sign-in comes from, and how addresses (`digest`), passwords and invites are stored. */
export type SignInOrigin = SessionOrigin & {
  digest: (text: string) => Buffer;
  hashing: HashingSecrets | string;
};

type Candidate = { id: string; passwordHash: string };

/**
 * Signs in by e-mail (ignoring case) and password, and accepts an invite with that account if one is given. Of several
 * accounts with the address it is the one whose password matches; if several match, the confirmed one, otherwise the
 * one used last.
 * @returns "rejected" unless one matches, after the same work in each case; "not_accepted" for an invite that this
 * account cannot accept; "throttled" after too many failures, before any work, for unknown e-mails and correct
 * passwords too
 */
export async function signIn(
  db: Db,
  credentials: unknown,
  { address, userAgent, digest, hashing }: SignInOrigin,
): Promise<PasswordSignIn> {
  const given = Credentials.safeParse(credentials);
  if (!given.success) return { outcome: "rejected" };
  const { email, password, invite } = given.data;
  const throttling = await countAttempt(db, digest, { email, address });
  if (throttling.throttled) return { outcome: "throttled", retryAfterS: throttling.retryAfterS };
  const salt = passwordSalt(hashing, email);
  const candidate = await candidateOf(db, email, salt);
  // Always two derivations, so that the time does not tell how many accounts have the address. The first checks all
  // accounts with its salt.
  const [passwordHash, isCandidate] = await Promise.all([
    hashPassword(password, salt),
    verifyPassword(password, candidate?.passwordHash ?? null),
  ]);
  const account = await matchOf(db, email, [passwordHash, isCandidate ? candidate?.passwordHash : undefined]);
  if (account === undefined) {
    // Without the e-mail address: people type passwords there.
    if (throttling.isLast) log.warn({ address }, "too many failed sign-ins: rejecting more for a while");
    const { fromAddress } = throttling;
    const failure = { accountId: candidate?.id ?? null, fromAddress, digest };
    // Later, since it is more work for a known address.
    setImmediate(() => void auditFailure(db, { email, address }, failure));
    return { outcome: "rejected" };
  }
  await uncountAttempt(db, digest, { email, address });
  await renewSalt(db, account, passwordHash);
  return begin(db, account.id, { invite, digest, origin: { address, userAgent } });
}

/** The accounts with a password and this address. */
const withPassword = (email: string) =>
  and(eq(sql`lower(${accounts.email})`, email), isNotNull(accounts.passwordHash));

/**
 * The account whose hash is derived with a salt of its own: one whose address was changed, until its next sign-in. Of
 * several such it is a random one, so that none is locked out for good.
 * @returns another account with the address if none has another salt, and null if none has the address
 */
async function candidateOf(db: Db, email: string, salt: Buffer): Promise<Candidate | null> {
  const [found] = await db
    .select({ id: accounts.id, passwordHash: accounts.passwordHash })
    .from(accounts)
    .where(withPassword(email))
    .orderBy(sql`starts_with(${accounts.passwordHash}, ${hashStart(salt)})`, sql`random()`)
    .limit(1);
  return found?.passwordHash == null ? null : { id: found.id, passwordHash: found.passwordHash };
}

/**
 * The account with one of these hashes, the preferred one of several. The database compares, so that each of any number
 * of accounts can sign in. It tells no one a hash by its time: no one without the installation's secrets can choose what is compared.
 */
async function matchOf(
  db: Db,
  email: string,
  hashes: [string, string | undefined],
): Promise<Candidate | undefined> {
  const [found] = await db
    .select({ id: accounts.id, passwordHash: sql<string>`${accounts.passwordHash}` })
    .from(accounts)
    .where(and(withPassword(email), sql`${accounts.passwordHash} in (${hashes[0]}, ${hashes[1] ?? null})`))
    .orderBy(...preferredFirst())
    .limit(1);
  return found;
}

/** An account whose e-mail address has changed gets the salt of the new one at its next sign-in. */
async function renewSalt(db: Db, { id, passwordHash: old }: Candidate, passwordHash: string): Promise<void> {
  if (old === passwordHash) return;
  await db
    .update(accounts)
    .set({ passwordHash })
    .where(and(eq(accounts.id, id), eq(accounts.passwordHash, old)));
}

async function begin(
  db: Db,
  accountId: string,
  { invite, digest, origin }: { invite?: string; digest: SignInOrigin["digest"]; origin: SessionOrigin },
): Promise<PasswordSignIn> {
  const method = "password";
  try {
    return await db.transaction(async (tx) => {
      const invitation = invite === undefined ? undefined : await findInvite(tx, digest, invite);
      if (invitation === null) throw new InviteNotAccepted("invite-invalid");
      if (invitation) await acceptInvite(tx, invitation, { accountId, method, ip: origin.address });
      const session = await beginSession(tx, accountId, { method, origin, userId: invitation?.userId });
      // Without a membership there is nothing to sign in to.
      return session === null ? { outcome: "rejected" } : { outcome: "signed_in", session };
    });
  } catch (error) {
    if (error instanceof InviteNotAccepted) return { outcome: "not_accepted", reason: error.reason };
    throw error;
  }
}
