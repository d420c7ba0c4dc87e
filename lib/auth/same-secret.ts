import { createHash, timingSafeEqual } from "node:crypto";

/** Compares two secrets by their digests: neither the content nor the length can be timed. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
