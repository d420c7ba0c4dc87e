import { createHash } from "node:crypto";
import { users } from "#lib/db/schema/identity";

/** The columns that a stamp is computed from. */
export const stampColumns = { passwordHash: users.passwordHash, oidcSubject: users.oidcSubject };

type SignInMethods = Pick<typeof users.$inferSelect, keyof typeof stampColumns>;

/**
 * A fingerprint of a user's credentials. A session stores the fingerprint of its start, so that changing or removing a
 * password, and linking or unlinking single sign-on, ends all earlier sessions.
 * @returns null for a user who cannot sign in, and so has no session
 */
export function sessionStamp({ passwordHash, oidcSubject }: SignInMethods): string | null {
  if (passwordHash === null && oidcSubject === null) return null;
  const methods = JSON.stringify([passwordHash, oidcSubject]);
  return createHash("sha256").update(`tollgate session v2:${methods}`).digest("base64url").slice(0, 22);
}
