import { createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { derivedSecrets, type HashingSecrets } from "./derived-secrets";

const KEY_SHAPE = /^tg_[a-z]+_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Creates a key of some 190 random bits: `tg_<environment>_<32 random base62 characters><6 of checksum>`. The checksum
 * (CRC-32 of the rest, as in GitHub's tokens) detects a mistyped key without a query.
 * @param random the source of random bytes; the demo derives its keys instead
 */
export function newApiKey(environment: string, random: (bytes: number) => Buffer = randomBytes): string {
  const body = `tg_${environment}_${randomBase62(32, random)}`;
  return body + checksum(body);
}

/** False for a string in the format of Tollgate's keys with a wrong checksum, and for one with U+0000. */
export function isPlausibleKey(key: string): boolean {
  if (key.includes("\u0000")) return false;
  if (!KEY_SHAPE.test(key)) return !key.startsWith("tg_");
  return key.slice(-6) === checksum(key.slice(0, -6));
}

/** The part of a key that lists show: enough to recognize it, far too little to use it. */
export function keyPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf("_") + 5);
}

/** The same of a known key. One of another gateway may be short and of any shape: at most a quarter of it. */
export const knownPrefix = (key: string): string =>
  key.startsWith("tg_") ? keyPrefix(key) : key.slice(0, Math.min(8, Math.floor(key.length / 4)));

/** The same of an unknown key, and less of a string that is not a Tollgate key. */
export function presentedPrefix(key: string): string {
  if (key.startsWith("tg_") && isPlausibleKey(key)) return keyPrefix(key);
  return key.slice(0, Math.min(4, Math.floor(key.length / 4))).replace(/[^\x21-\x7e]/g, "?");
}

/**
 * Returns the function that hashes secrets for storage: HMAC-SHA256 with the installation's pepper, so that a stolen
 * database alone cannot be searched for keys.
 * @param secrets or the ENCRYPTION_KEY that they are derived from
 */
export function secretHasher(secrets: HashingSecrets | string): (secret: string) => Buffer {
  const { pepper } = typeof secrets === "string" ? derivedSecrets(secrets) : secrets;
  return (secret) => createHmac("sha256", pepper).update(secret).digest();
}

/** Uniformly random characters from 0-9, A-Z and a-z. */
export function randomBase62(length: number, random: (bytes: number) => Buffer = randomBytes): string {
  let text = "";
  while (text.length < length) {
    for (const byte of random(length)) {
      // 248 is the largest multiple of 62 in a byte. Higher values would favor the first digits.
      if (byte < 248 && text.length < length) text += BASE62[byte % 62];
    }
  }
  return text;
}

/** CRC-32 in six base62 characters. It detects typing errors and proves nothing. */
export function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let place = 0; place < 6; place++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
