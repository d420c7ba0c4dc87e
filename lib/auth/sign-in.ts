import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { verifyPassword } from "./password";
import { sessionStamp } from "./session-stamp";
import { countTry, forgetFailures } from "./sign-in-throttle";

const Credentials = z.object({
  // What no address has, PostgreSQL would stumble over.
  email: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[^\p{Cc}\p{Cs}]{1,320}$/u),
  // Longer ones are not hashed at all: a megabyte of password must not cost a second of CPU.
  password: z.string().min(1).max(1024),
});

/** What a new session is about. */
export type SignedIn = { id: string; email: string; name: string | null; stamp: string };

export type PasswordSignIn =
  | { outcome: "signed_in"; user: SignedIn }
  | { outcome: "refused" }
  | { outcome: "throttled"; retryAfterS: number };

/** Where a sign-in comes from (null: not known), and what e-mail and client addresses are stored as. */
export type SignInPlace = { address: string | null; digest: (text: string) => Buffer };

/**
 * Looks a person up by e-mail (in any case of letters) and password.
 * @returns "refused" for anything but a match, after the same work in each case; "throttled" after too many
 * failures, before any work, whether there is such a person or not and whatever the password
 */
export async function signIn(
  db: Db,
  credentials: unknown,
  { address, digest }: SignInPlace,
): Promise<PasswordSignIn> {
  const given = Credentials.safeParse(credentials);
  if (!given.success) return { outcome: "refused" };
  const { email, password } = given.data;
  const throttling = await countTry(db, digest, { email, address });
  if (throttling.throttled) return { outcome: "throttled", retryAfterS: throttling.retryAfterS };
  const user = await verifiedUser(db, email, password);
  if (user === null) {
    // Not the e-mail address: people type passwords there.
    if (throttling.isLast) log.warn({ address }, "too many failed sign-ins: more are refused for a while");
    return { outcome: "refused" };
  }
  await forgetFailures(db, digest, { email, address });
  return { outcome: "signed_in", user };
}

async function verifiedUser(db: Db, email: string, password: string): Promise<SignedIn | null> {
  const [user] = await db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      passwordHash: users.passwordHash,
      oidcSubject: users.oidcSubject,
    })
    .from(users)
    .where(eq(sql`lower(${users.email})`, email));
  const matches = await verifyPassword(password, user?.passwordHash ?? null);
  const stamp = user === undefined ? null : sessionStamp(user);
  if (!matches || user === undefined || stamp === null) return null;
  return { id: user.id, email: user.email, name: user.name, stamp };
}
