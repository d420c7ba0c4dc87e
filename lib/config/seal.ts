import "server-only";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const VERSION = 3;
/** Its header has no id of the key. */
const VERSION_WITHOUT_KEY_ID = 2;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where the database has a sealed secret. */
export type SealedPlace = { table: string; row: string | number; column: string };

/** The keys of a process: the current one, and while it is rotated the one before. */
export type EncryptionKeys = { ENCRYPTION_KEY: string; ENCRYPTION_KEY_PREVIOUS?: string | undefined };

/** A secret that cannot be decrypted: encrypted under another ENCRYPTION_KEY or for another place, or damaged. */
export class SealBroken extends Error {
  override name = "SealBroken";
}

/** A secret that is encrypted under a key that this process does not have. */
export class SealedWithAnotherKey extends SealBroken {
  override name = "SealedWithAnotherKey";
}

/**
 * Encrypts a secret for the database with AES-256-GCM, under a key derived (HKDF) from ENCRYPTION_KEY
 * for this purpose only. It is bound to its place, so that it does not open when copied to another row or column. The
 * result is a version byte, the key's id, a random nonce, the tag and the ciphertext.
 */
export function seal(plain: string, encryptionKeyBase64: string, place: SealedPlace): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(encryptionKeyBase64), nonce);
  const header = sealHeader(encryptionKeyBase64);
  cipher.setAAD(boundTo(header, place));
  const ciphertext = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
}

/** How everything begins that is sealed with a key: the version and the key's id, which tells nothing of the key. */
export function sealHeader(encryptionKeyBase64: string): Buffer {
  return Buffer.concat([
    Buffer.of(VERSION),
    derived(encryptionKeyBase64, "tollgate key id v1", KEY_ID_BYTES),
  ]);
}

/** Whether a secret was sealed with this key. False for one of a version whose header does not say. */
export const isSealedWith = (sealed: Buffer, encryptionKeyBase64: string): boolean =>
  sealed.subarray(0, 1 + KEY_ID_BYTES).equals(sealHeader(encryptionKeyBase64));

/**
 * Decrypts the result of `seal`.
 * @throws SealBroken when the key or the place differs or the bytes were changed
 */
export function open(sealed: Buffer, encryptionKeyBase64: string, place: SealedPlace): string {
  return openWithAny(sealed, { ENCRYPTION_KEY: encryptionKeyBase64 }, place);
}

/**
 * The same with any key that the process has.
 * @throws SealBroken; SealedWithAnotherKey if it says that it was sealed with neither
 */
export function openWithAny(sealed: Buffer, keys: EncryptionKeys, place: SealedPlace): string {
  const given = [keys.ENCRYPTION_KEY, keys.ENCRYPTION_KEY_PREVIOUS].filter((key) => key !== undefined);
  if (sealed[0] === VERSION) {
    const key = given.find((each) => isSealedWith(sealed, each));
    if (key === undefined)
      throw new SealedWithAnotherKey("A stored secret is sealed with another ENCRYPTION_KEY.");
    return decrypted(sealed, 1 + KEY_ID_BYTES, key, place);
  }
  if (sealed[0] !== VERSION_WITHOUT_KEY_ID) {
    throw new SealBroken("Not a secret that this version of Tollgate encrypted.");
  }
  const [first = "", second] = given;
  try {
    return decrypted(sealed, 1, first, place);
  } catch (error) {
    if (second === undefined || !(error instanceof SealBroken)) throw error;
    return decrypted(sealed, 1, second, place);
  }
}

/** The same; null for what does not open. */
export function openIfPossible(sealed: Buffer, keys: EncryptionKeys, place: SealedPlace): string | null {
  try {
    return openWithAny(sealed, keys, place);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

function decrypted(sealed: Buffer, headerBytes: number, key: string, place: SealedPlace): string {
  const tagStart = headerBytes + NONCE_BYTES;
  const textStart = tagStart + TAG_BYTES;
  if (sealed.length < textStart) throw new SealBroken("A stored secret is cut off.");
  const nonce = sealed.subarray(headerBytes, tagStart);
  const decipher = createDecipheriv("aes-256-gcm", sealingKey(key), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(sealed.subarray(0, headerBytes), place));
  decipher.setAuthTag(sealed.subarray(tagStart, textStart));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(textStart)), decipher.final()]).toString("utf8");
  } catch {
    throw new SealBroken(
      "A stored secret cannot be decrypted: ENCRYPTION_KEY has changed, or the secret was copied from elsewhere.",
    );
  }
}

/** What is authenticated besides the secret. JSON keeps the parts apart. */
const boundTo = (header: Uint8Array, { table, row, column }: SealedPlace): Buffer =>
  Buffer.concat([header, Buffer.from(JSON.stringify([table, String(row), column]))]);

const sealingKey = (encryptionKeyBase64: string) => derived(encryptionKeyBase64, "tollgate seal v1", 32);

function derived(encryptionKeyBase64: string, purpose: string, bytes: number): Buffer {
  const secret = Buffer.from(encryptionKeyBase64, "base64");
  return Buffer.from(hkdfSync("sha256", secret, "", purpose, bytes));
}
