import "server-only";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const VERSION = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where the database has a sealed secret. */
export type SealedPlace = { table: string; row: string | number; column: string };

/** A secret that cannot be decrypted: encrypted under another ENCRYPTION_KEY or for another place, or damaged. */
export class SealBroken extends Error {
  override name = "SealBroken";
}

/**
 * Encrypts a secret for the database with AES-256-GCM, under a key derived (HKDF) from ENCRYPTION_KEY
 * for this purpose only. It is bound to its place, so that it does not open when copied to another row or column. The
 * result is a version byte, a random nonce, the tag and the ciphertext.
 */
export function seal(plain: string, encryptionKeyBase64: string, place: SealedPlace): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(encryptionKeyBase64), nonce);
  const header = Buffer.of(VERSION);
  cipher.setAAD(boundTo(header, place));
  const ciphertext = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
}

/**
 * Decrypts the result of `seal`.
 * @throws SealBroken when the key or the place differs or the bytes were changed
 */
export function open(sealed: Buffer, encryptionKeyBase64: string, place: SealedPlace): string {
  const textStart = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < textStart || sealed[0] !== VERSION) {
    throw new SealBroken("Not a secret that this version of Tollgate encrypted.");
  }
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", sealingKey(encryptionKeyBase64), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(sealed.subarray(0, 1), place));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, textStart));
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

function sealingKey(encryptionKeyBase64: string): Buffer {
  const secret = Buffer.from(encryptionKeyBase64, "base64");
  return Buffer.from(hkdfSync("sha256", secret, "", "tollgate seal v1", 32));
}
