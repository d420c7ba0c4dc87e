import { hash } from "node:crypto";

/** Turns a secret into what is stored (secretHasher in api-key.ts). */
type HashSecret = (secret: string) => Buffer;

/** Before the digest of a key, so that it is no key itself: no request can carry it. */
const DIGEST_MARK = "\u0000sha256:";

/** What is stored of a key whose SHA-256 digest alone is known. */
export const hashOfDigest = (hashSecret: HashSecret, sha256Hex: string): Buffer =>
  hashSecret(DIGEST_MARK + sha256Hex);

/** What is stored of a key: the keyed hash of its digest, so that it is found however it came here. */
export const hashOfKey = (hashSecret: HashSecret, key: string): Buffer =>
  hashOfDigest(hashSecret, hash("sha256", key, "hex"));

/** What may be stored of a key, the newest form first: earlier versions hashed the key itself. */
export const hashesOfKey = (hashSecret: HashSecret, key: string): [current: Buffer, earlier: Buffer] => [
  hashOfKey(hashSecret, key),
  hashSecret(key),
];
