import "server-only";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { verifyPassword } from "./password";
import { sessionStamp } from "./session-stamp";

const Credentials = z.object({
  email: z.string().trim().min(1).max(320),
  // Longer ones are not hashed at all: a megabyte of password must not cost a second of CPU.
  password: z.string().min(1).max(1024),
});

/** What a new session is about. */
export type SignedIn = { id: string; email: string; name: string | null; stamp: string };

/**
 * Looks a person up by e-mail (in any case of letters) and password.
 * @returns null for anything but a match, after the same work in each case
 */
export async function signIn(db: Db, credentials: unknown): Promise<SignedIn | null> {
  const given = Credentials.safeParse(credentials);
  if (!given.success) return null;
  const [user] = await db
    .select({ id: users.id, email: users.email, name: users.name, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(sql`lower(${users.email})`, given.data.email.toLowerCase()));
  const passwordHash = user?.passwordHash ?? null;
  const matches = await verifyPassword(given.data.password, passwordHash);
  if (!matches || user === undefined || passwordHash === null) return null;
  return { id: user.id, email: user.email, name: user.name, stamp: sessionStamp(passwordHash) };
}
