import "server-only";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed secret that does not open: written under another ENCRYPTION_KEY, or damaged. */
export class SealBroken extends Error {
  override name = "SealBroken";
}

/**
 * Encrypts a secret for the database with AES-256-GCM, under a key derived (HKDF) from ENCRYPTION_KEY
 * for this purpose alone. The result is a version byte, a random nonce, the tag and the ciphertext.
 */
export function seal(plain: string, encryptionKeyBase64: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(encryptionKeyBase64), nonce);
  const header = Buffer.of(VERSION);
  cipher.setAAD(header);
  const ciphertext = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
}

/**
 * Decrypts what `seal` made.
 * @throws SealBroken when the key is another one or the bytes were changed
 */
export function open(sealed: Buffer, encryptionKeyBase64: string): string {
  const textStart = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < textStart || sealed[0] !== VERSION) {
    throw new SealBroken("Not a secret that this version of Tollgate has sealed");
  }
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", sealingKey(encryptionKeyBase64), nonce, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(sealed.subarray(0, 1));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, textStart));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(textStart)), decipher.final()]).toString("utf8");
  } catch {
    throw new SealBroken("A stored secret does not open: was ENCRYPTION_KEY changed?");
  }
}

function sealingKey(encryptionKeyBase64: string): Buffer {
  const secret = Buffer.from(encryptionKeyBase64, "base64");
  return Buffer.from(hkdfSync("sha256", secret, "", "tollgate seal v1", 32));
}
