import { eq, lt, sql, TransactionRollbackError } from "drizzle-orm";
import { ipv6Groups } from "#lib/config/address-ranges";
import type { Db, Tx } from "#lib/db/client";
import { signInFailures } from "#lib/db/schema/identity";

/** The e-mail address in lower case, and the client's address. Null if unknown. */
export type SignInAttempt = { email: string; address: string | null };

/**
 * Whether an attempt may proceed, or came after too many failures. `fromAddress`: the failures from its client address
 * with any e-mail address, including this attempt.
 */
export type Throttling =
  | { throttled: false; isLast: boolean; fromAddress: number }
  | { throttled: true; retryAfterS: number };

type Counter = { subject: Buffer; limit: number };

/** What is counted: failed sign-ins, and requests for a new password. */
export type Throttle = {
  name: string;
  limits: { here: number; email: number; address: number };
};

/** How long failures count from the first one. Then attempts are allowed again. */
export const WINDOW_S = 15 * 60;

/**
 * Few failures for one e-mail address from one client address, so that an attacker does not lock out the owner, who
 * signs in from elsewhere. Failures per e-mail address and per client address have higher limits, since many people
 * share an office's address.
 */
export const LIMITS = { here: 5, email: 50, address: 50 } as const;

const SIGN_IN: Throttle = { name: "sign-in", limits: LIMITS };

/** With a cast, since Drizzle's parameters have no type. */
const isOver = sql`${signInFailures.windowStartedAt} <= now() - make_interval(secs => ${WINDOW_S}::int)`;

/**
 * Counts an attempt as failed before the password is checked, so that concurrent attempts on any number of replicas
 * stay within the limit. `uncountAttempt` reverts it. Attempts after too many failures do not count, so they do not
 * extend the lockout.
 * @param digest hashes e-mail and client addresses for storage, like secrets
 */
export async function countAttempt(
  db: Db | Tx,
  digest: (text: string) => Buffer,
  who: SignInAttempt,
  throttle: Throttle = SIGN_IN,
): Promise<Throttling> {
  // Always in this order, to avoid deadlocks.
  const { address, email, here } = countersOf(digest, who, throttle);
  const found: { full: Counter | null; isLast: boolean; fromAddress: number } = {
    full: null,
    isLast: false,
    fromAddress: 0,
  };
  try {
    await db.transaction(async (tx) => {
      for (const counter of [address, email, here]) {
        const failures = await addFailure(tx, counter);
        if (failures === null) {
          found.full = counter;
          tx.rollback();
        }
        if (failures === counter.limit) found.isLast = true;
        if (counter === address) found.fromAddress = failures ?? 0;
      }
    });
    return { throttled: false, isLast: found.isLast, fromAddress: found.fromAddress };
  } catch (error) {
    if (!(error instanceof TransactionRollbackError) || found.full === null) throw error;
    return { throttled: true, retryAfterS: await secondsLeft(db, found.full.subject) };
  }
}

/**
 * Takes back the count of an attempt that succeeded. Earlier failures stay, even those for the same e-mail address:
 * several accounts may have it, and the owner of one could otherwise guess the password of another without end.
 */
export async function uncountAttempt(
  db: Db | Tx,
  digest: (text: string) => Buffer,
  who: SignInAttempt,
): Promise<void> {
  const subjects = Object.values(countersOf(digest, who, SIGN_IN)).map(({ subject }) => subject);
  await db.transaction(async (tx) => {
    // Locked in the order of `countAttempt`.
    for (const subject of subjects) {
      await tx
        .update(signInFailures)
        .set({ failures: sql`greatest(${signInFailures.failures} - 1, 0)` })
        .where(eq(signInFailures.subject, subject));
    }
  });
}

/**
 * Counts something in the current window, like a failure.
 * @returns the count; null once it has reached the limit
 */
export const countInWindow = (db: Db, subject: Buffer, limit: number): Promise<number | null> =>
  addFailure(db, { subject, limit });

/** Deletes failures that no longer count. Returns the number of rows. */
export async function deleteOldFailures(db: Db): Promise<number> {
  const deleted = await db
    .delete(signInFailures)
    .where(lt(signInFailures.windowStartedAt, sql`now() - make_interval(secs => ${WINDOW_S}::int)`))
    .returning({ failures: signInFailures.failures });
  return deleted.length;
}

/** @returns the number of failures including this one; null if there were too many before */
async function addFailure(tx: Db | Tx, { subject, limit }: Counter): Promise<number | null> {
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

async function secondsLeft(db: Db | Tx, subject: Buffer): Promise<number> {
  const left = sql<number>`ceil(extract(epoch FROM ${signInFailures.windowStartedAt} - now()))::int`;
  const [row] = await db
    .select({ left: left.mapWith(Number) })
    .from(signInFailures)
    .where(eq(signInFailures.subject, subject));
  return Math.max(1, (row?.left ?? 0) + WINDOW_S);
}

/** The prefixes keep digests of different kinds apart. */
function countersOf(
  digest: (text: string) => Buffer,
  { email, address }: SignInAttempt,
  { name, limits }: Throttle,
) {
  const network = networkOf(address);
  return {
    address: { subject: digest(`${name} from ${network}`), limit: limits.address },
    email: { subject: digest(`${name} as ${email}`), limit: limits.email },
    here: { subject: digest(`${name} from ${network} as ${email}`), limit: limits.here },
  };
}

/** A client with one IPv6 address has its whole /64. */
function networkOf(address: string | null): string {
  if (address === null) return "unknown";
  return address.includes(":") ? ipv6Groups(address).slice(0, 4).join(":") : address;
}
