import { sealingKeyIn } from "#lib/auth/hashing-secrets";
import { type EncryptionKeys, type SealedPlace, seal } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { ServiceError } from "#lib/http/errors";

/** Seals texts for the database. */
export type Seal = (plain: string, place: SealedPlace) => Buffer;

/**
 * How a transaction seals: with the key in use, which a rotation of ENCRYPTION_KEY changes for all processes at once.
 * @throws ServiceError "conflict" if this process does not have that key
 */
export async function sealIn(tx: Tx, keys: EncryptionKeys): Promise<Seal> {
  const key = await sealingKeyIn(tx, keys);
  if (key === null) {
    throw new ServiceError(
      "conflict",
      "ENCRYPTION_KEY was replaced, and the process that got this request still has the earlier one: restart it with the current key.",
    );
  }
  return (plain, place) => seal(plain, key, place);
}
