import { rotateEncryptionKey } from "#lib/services/encryption-key/rotate-encryption-key";
import { type Operation, operation } from "./operation";

/** The key that the installation encrypts with. Administrators only. */
export const encryptionKeyOperations: readonly Operation[] = [
  operation("POST /encryption-key/rotate", rotateEncryptionKey, {
    summary: "Rotate the encryption key",
    description:
      "Seals what is encrypted with ENCRYPTION_KEY_PREVIOUS anew with ENCRYPTION_KEY, for at most ten seconds: call it until `done`. Every process must have both keys before. 409 if the process that answers has neither key in use.",
    tag: "Installation",
  }),
];
