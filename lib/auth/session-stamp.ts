import { createHash } from "node:crypto";

/** By what a user can sign in, as the users table keeps it. */
type WaysIn = { passwordHash: string | null; oidcSubject: string | null };

/**
 * A fingerprint of the ways in that a user has. A session carries the one it began with, so that a changed
 * or removed password, and a sign-in linked or unlinked, end every session from before.
 * @returns null for whoever cannot sign in at all, and so has no session
 */
export function sessionStamp({ passwordHash, oidcSubject }: WaysIn): string | null {
  if (passwordHash === null && oidcSubject === null) return null;
  const ways = JSON.stringify([passwordHash, oidcSubject]);
  return createHash("sha256").update(`tollgate session v2:${ways}`).digest("base64url").slice(0, 22);
}
