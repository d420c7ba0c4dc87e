import "server-only";
import { createHash } from "node:crypto";

/**
 * A fingerprint of a user's password hash. A session carries the one it began with, so that a changed
 * or removed password ends every session that was opened with the old one.
 */
export function sessionStamp(passwordHash: string): string {
  return createHash("sha256").update(`tollgate session v1:${passwordHash}`).digest("base64url").slice(0, 22);
}
