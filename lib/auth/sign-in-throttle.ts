import { eq, inArray, lt, sql, TransactionRollbackError } from "drizzle-orm";
import { ipv6Groups } from "#lib/config/address-ranges";
import type { Db, Tx } from "#lib/db/client";
import { signInFailures } from "#lib/db/schema/identity";

/** Who tries to sign in: the e-mail address in lower case, and where from; null where that is not known. */
export type SignInTry = { email: string; address: string | null };

/** A try that may go on, or one that came after too many failures. */
export type Throttling = { throttled: false; isLast: boolean } | { throttled: true; retryAfterS: number };

type Counter = { subject: Buffer; limit: number };

/** How long failures count, from the first one on; then everything opens again by itself. */
export const WINDOW_S = 15 * 60;

/**
 * Few failures for one e-mail address from one place: whoever guesses there shuts out only themselves, and
 * not its owner, who comes from elsewhere. Guesses from many places, and of many people, are counted too,
 * with more room, since many stand behind an office's address.
 */
export const LIMITS = { here: 5, email: 50, address: 50 } as const;

/** Written out, since Drizzle's parameters have no type of their own. */
const isOver = sql`${signInFailures.windowStartedAt} <= now() - make_interval(secs => ${WINDOW_S}::int)`;

/**
 * Counts a try as failed before anything is looked up, so that tries at the same moment, on any number of
 * replicas, cannot all be let through; `forgetFailures` takes it back. Tries after too many failures
 * are not counted: they prolong nothing.
 * @param digest what e-mail and client addresses are stored as (the kept secrets' hash)
 */
export async function countTry(
  db: Db,
  digest: (text: string) => Buffer,
  who: SignInTry,
): Promise<Throttling> {
  // Always in this order, so that two transactions never wait for each other.
  const { address, email, here } = countersOf(digest, who);
  const found: { full: Counter | null; isLast: boolean } = { full: null, isLast: false };
  try {
    await db.transaction(async (tx) => {
      for (const counter of [address, email, here]) {
        const failures = await addFailure(tx, counter);
        if (failures === null) {
          found.full = counter;
          tx.rollback();
        }
        if (failures === counter.limit) found.isLast = true;
      }
    });
    return { throttled: false, isLast: found.isLast };
  } catch (error) {
    if (!(error instanceof TransactionRollbackError) || found.full === null) throw error;
    return { throttled: true, retryAfterS: await secondsLeft(db, found.full.subject) };
  }
}

/**
 * Forgets the failures of somebody who has signed in. Those of others from the same place stay: an account
 * of one's own must not buy new guesses at another's.
 */
export async function forgetFailures(
  db: Db,
  digest: (text: string) => Buffer,
  who: SignInTry,
): Promise<void> {
  const { address, email, here } = countersOf(digest, who);
  await db
    .update(signInFailures)
    .set({ failures: sql`greatest(${signInFailures.failures} - 1, 0)` })
    .where(eq(signInFailures.subject, address.subject));
  await db.delete(signInFailures).where(inArray(signInFailures.subject, [email.subject, here.subject]));
}

/** Deletes what no longer counts. @returns how many rows */
export async function deleteOldFailures(db: Db): Promise<number> {
  const deleted = await db
    .delete(signInFailures)
    .where(lt(signInFailures.windowStartedAt, sql`now() - make_interval(secs => ${WINDOW_S}::int)`))
    .returning({ failures: signInFailures.failures });
  return deleted.length;
}

/** @returns the failures so far, this one included; null where there were too many already */
async function addFailure(tx: Tx, { subject, limit }: Counter): Promise<number | null> {
  const { failures, windowStartedAt } = signInFailures;
  const [counted] = await tx
    .insert(signInFailures)
    .values({ subject, failures: 1, windowStartedAt: sql`now()` })
    .onConflictDoUpdate({
      target: signInFailures.subject,
      set: {
        failures: sql`CASE WHEN ${isOver} THEN 1 ELSE ${failures} + 1 END`,
        windowStartedAt: sql`CASE WHEN ${isOver} THEN now() ELSE ${windowStartedAt} END`,
      },
      setWhere: sql`${failures} < ${limit} OR ${isOver}`,
    })
    .returning({ failures });
  return counted?.failures ?? null;
}

async function secondsLeft(db: Db, subject: Buffer): Promise<number> {
  const left = sql<number>`ceil(extract(epoch FROM ${signInFailures.windowStartedAt} - now()))::int`;
  const [row] = await db
    .select({ left: left.mapWith(Number) })
    .from(signInFailures)
    .where(eq(signInFailures.subject, subject));
  return Math.max(1, (row?.left ?? 0) + WINDOW_S);
}

/** Digests of each kind never meet: the words before them differ. */
function countersOf(digest: (text: string) => Buffer, { email, address }: SignInTry) {
  const place = placeOf(address);
  return {
    address: { subject: digest(`sign-in from ${place}`), limit: LIMITS.address },
    email: { subject: digest(`sign-in as ${email}`), limit: LIMITS.email },
    here: { subject: digest(`sign-in from ${place} as ${email}`), limit: LIMITS.here },
  };
}

/** Whoever has one IPv6 address has the 2^64 around it. */
function placeOf(address: string | null): string {
  if (address === null) return "somewhere";
  return address.includes(":") ? ipv6Groups(address).slice(0, 4).join(":") : address;
}
