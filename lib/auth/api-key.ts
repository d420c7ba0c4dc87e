import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const KEY_SHAPE = /^tg_[a-z]+_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Makes a key: `tg_<environment>_<32 random base62 characters><6 of checksum>`, some 190 bits.
 * The checksum (CRC-32 of what stands before it, as GitHub's tokens have) lets a mistyped key be
 * told apart without asking the database.
 * @param random where the random bytes come from; the demo's keys come from ENCRYPTION_KEY instead
 */
export function newApiKey(environment: string, random: (bytes: number) => Buffer = randomBytes): string {
  const body = `tg_${environment}_${randomBase62(32, random)}`;
  return body + checksum(body);
}

/** False only for a string that has a Tollgate key's shape and a wrong checksum. */
export function isPlausibleKey(key: string): boolean {
  if (!KEY_SHAPE.test(key)) return !key.startsWith("tg_");
  return key.slice(-6) === checksum(key.slice(0, -6));
}

/** What tells keys apart in a list: enough to recognise one, far too little to use it. */
export function keyPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf("_") + 5);
}

/** Of a key that nobody has: as much as lists show of keys, and less of what is no key of ours. */
export function presentedPrefix(key: string): string {
  if (key.startsWith("tg_") && isPlausibleKey(key)) return keyPrefix(key);
  return key.slice(0, Math.min(4, Math.floor(key.length / 4))).replace(/[^\x21-\x7e]/g, "?");
}

/**
 * Makes the function that turns a secret into what is stored: HMAC-SHA256 under a key derived
 * (HKDF) from ENCRYPTION_KEY, so that a stolen database alone cannot be searched for keys.
 */
export function secretHasher(encryptionKey: string): (secret: string) => Buffer {
  const pepper = Buffer.from(
    hkdfSync("sha256", Buffer.from(encryptionKey, "base64"), "", "tollgate key hash v1", 32),
  );
  return (secret) => createHmac("sha256", pepper).update(secret).digest();
}

/** So many random characters of 0-9, A-Z and a-z, each as likely as any other. */
export function randomBase62(length: number, random: (bytes: number) => Buffer = randomBytes): string {
  let text = "";
  while (text.length < length) {
    for (const byte of random(length)) {
      // 248 is the greatest multiple of 62 in a byte: what lies above would favour the first digits.
      if (byte < 248 && text.length < length) text += BASE62[byte % 62];
    }
  }
  return text;
}

/** Six base62 characters of CRC-32: they tell a mistyped secret, and prove nothing. */
export function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let place = 0; place < 6; place++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
