import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { verifyPassword } from "./password";
import { sessionStamp, stampColumns } from "./session-stamp";
import { clearFailures, countAttempt } from "./sign-in-throttle";

const Credentials = z.object({
  // Without characters that PostgreSQL rejects.
  email: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[^\p{Cc}\p{Cs}]{1,320}$/u),
  // Longer ones are not hashed: a megabyte would cost a second of CPU.
  password: z.string().min(1).max(1024),
});

/** The user of a new session. */
export type SignedIn = { id: string; email: string; name: string | null; stamp: string };

export type PasswordSignIn =
  | { outcome: "signed_in"; user: SignedIn }
  | { outcome: "rejected" }
  | { outcome: "throttled"; retryAfterS: number };

/** The client's address (null if unknown), and the hash of e-mail and client addresses for storage. */
export type SignInOrigin = { address: string | null; digest: (text: string) => Buffer };

/**
 * Finds a user by e-mail (ignoring case) and password.
 * @returns "rejected" unless they match, after the same work in each case; "throttled" after too many failures, before
 * any work, for unknown e-mails and correct passwords too
 */
export async function signIn(
  db: Db,
  credentials: unknown,
  { address, digest }: SignInOrigin,
): Promise<PasswordSignIn> {
  const given = Credentials.safeParse(credentials);
  if (!given.success) return { outcome: "rejected" };
  const { email, password } = given.data;
  const throttling = await countAttempt(db, digest, { email, address });
  if (throttling.throttled) return { outcome: "throttled", retryAfterS: throttling.retryAfterS };
  const user = await verifiedUser(db, email, password);
  if (user === null) {
    // Without the e-mail address: people type passwords there.
    if (throttling.isLast) log.warn({ address }, "too many failed sign-ins: rejecting more for a while");
    return { outcome: "rejected" };
  }
  await clearFailures(db, digest, { email, address });
  return { outcome: "signed_in", user };
}

async function verifiedUser(db: Db, email: string, password: string): Promise<SignedIn | null> {
  const [user] = await db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      ...stampColumns,
    })
    .from(users)
    .where(eq(sql`lower(${users.email})`, email));
  const matches = await verifyPassword(password, user?.passwordHash ?? null);
  const stamp = user === undefined ? null : sessionStamp(user);
  if (!matches || user === undefined || stamp === null) return null;
  return { id: user.id, email: user.email, name: user.name, stamp };
}
