import { createHash, timingSafeEqual } from "node:crypto";

/** Compares the digests of two secrets, so that timing reveals neither content nor length. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
