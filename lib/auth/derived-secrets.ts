import { hkdfSync } from "node:crypto";

/**
 * What stored hashes depend on: the pepper of keys, secrets and tokens, and the key of the salts of passwords. Derived
 * from the first ENCRYPTION_KEY of an installation, and kept sealed since, so that hashes outlive that key.
 */
export type HashingSecrets = { pepper: Buffer; passwordSaltKey: Buffer };

/** The secrets that an ENCRYPTION_KEY stands for in an installation whose first key it is. */
export function derivedSecrets(encryptionKey: string): HashingSecrets {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync("sha256", Buffer.from(encryptionKey, "base64"), "", purpose, 32));
  return { pepper: derive("tollgate key hash v1"), passwordSaltKey: derive("tollgate password salt v1") };
}
