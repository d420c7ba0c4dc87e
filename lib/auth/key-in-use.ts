import { isNotNull } from "drizzle-orm";
import { type EncryptionKeys, openIfPossible } from "#lib/config/seal";
import { StartUpError } from "#lib/config/start-up-error";
import type { Tx } from "#lib/db/client";
import { accounts, apiKeys } from "#lib/db/schema/identity";
import { providers } from "#lib/db/schema/routing";
import { placeIn } from "#lib/db/schema/sealed-columns";

/**
 * The key that a database is used with whose hashing secrets are not stored yet. What it has sealed tells; if it has
 * sealed nothing, it is the earlier key if it has hashes, and else the current one.
 * @throws StartUpError if no key opens what is sealed
 */
export async function keyInUse(tx: Tx, keys: EncryptionKeys): Promise<string> {
  const { ENCRYPTION_KEY: current, ENCRYPTION_KEY_PREVIOUS: previous } = keys;
  const rows = await tx
    .select({ id: providers.id, credentials: providers.credentials })
    .from(providers)
    .where(isNotNull(providers.credentials))
    .limit(20);
  const opens = (key: string) =>
    rows.some(({ id, credentials }) => credentials !== null && isOpened(credentials, key, id));
  if (rows.length > 0) {
    if (opens(current)) return current;
    if (previous !== undefined && opens(previous)) return previous;
    throw new StartUpError(
      "ENCRYPTION_KEY does not open the credentials of any provider: set the key that this database was used with.",
    );
  }
  return previous !== undefined && (await hasHashes(tx)) ? previous : current;
}

const isOpened = (sealed: Buffer, key: string, providerId: string): boolean =>
  openIfPossible(sealed, { ENCRYPTION_KEY: key }, placeIn(providers.credentials, providerId)) !== null;

async function hasHashes(tx: Tx): Promise<boolean> {
  const found = await Promise.all([
    tx.select({ id: accounts.id }).from(accounts).limit(1),
    tx.select({ id: apiKeys.id }).from(apiKeys).limit(1),
  ]);
  return found.some((rows) => rows.length > 0);
}
