import { sql } from "drizzle-orm";
import { z } from "zod";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { type EncryptionKeys, isSealedWith, openWithAny, SealBroken, seal } from "#lib/config/seal";
import { StartUpError } from "#lib/config/start-up-error";
import type { Db, Tx } from "#lib/db/client";
import { installationSecrets } from "#lib/db/schema/identity";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { DatabaseUnavailable, isDatabaseUnavailable } from "#lib/db/unavailable";
import { log } from "#lib/observability/log";
import { secretHasher } from "./api-key";
import { derivedSecrets, type HashingSecrets } from "./derived-secrets";
import { keyInUse } from "./key-in-use";

/** Where they are sealed. */
const HASHING_SECRETS = placeIn(installationSecrets.hashing, 1);

const Stored = z.object({ pepper: z.base64(), password_salt_key: z.base64() });

/** Replicas that start together store one row. */
const LOCK = "742117901152";

type OfProcess = {
  opened: HashingSecrets | null;
  /** Opens them, where a process serves although the database was unavailable at its start. */
  open: (() => void) | null;
};

const ofProcess = () => oncePerProcess("hashing-secrets", (): OfProcess => ({ opened: null, open: null }));

/**
 * What this process hashes with. Start-up opens it before anything is served.
 * @throws DatabaseUnavailable if the database has been unavailable since the start
 */
export function hashingSecrets(): HashingSecrets {
  const state = ofProcess();
  if (state.opened === null && state.open !== null) {
    state.open();
    throw new DatabaseUnavailable("The database has been unavailable since this process started", false);
  }
  // A process that is not booted, as in tests, has no secrets but those.
  state.opened ??= derivedSecrets(config().ENCRYPTION_KEY);
  return state.opened;
}

/** The hash of secrets in this process. */
export const secretHash = (): ((secret: string) => Buffer) =>
  oncePerProcess("hash-secret", () => {
    let made: { of: Buffer; hash: (secret: string) => Buffer } | null = null;
    return (secret: string) => {
      const secrets = hashingSecrets();
      made = made?.of === secrets.pepper ? made : { of: secrets.pepper, hash: secretHasher(secrets) };
      return made.hash(secret);
    };
  });

/**
 * Opens the secrets for this process; on the first start, stores them.
 * @throws StartUpError if ENCRYPTION_KEY is not the one that the database's secrets are sealed with
 */
export async function openHashingSecrets(db: Db, keys: EncryptionKeys): Promise<HashingSecrets> {
  const sealed = (await storedSecrets(db)) ?? (await storeSecrets(db, keys));
  const opened = opening(sealed, keys);
  ofProcess().opened = opened;
  return opened;
}

/**
 * The same where requests are served although the database is unavailable: until it is back, `hashingSecrets` says so.
 * @throws StartUpError
 */
export async function openHashingSecretsOrLater(db: Db, keys: EncryptionKeys): Promise<void> {
  let isOpening = false;
  const open = async () => {
    if (isOpening) return;
    isOpening = true;
    await openHashingSecrets(db, keys).finally(() => {
      isOpening = false;
    });
  };
  ofProcess().open = () =>
    void open().catch((error: unknown) => log.error({ err: error }, "cannot hash yet"));
  await open().catch((error: unknown) => {
    // Drizzle wraps the error.
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isDatabaseUnavailable(error) && !isDatabaseUnavailable(cause)) throw error;
  });
}

/** The same for a process whose parent stores them. Returns false while there is nothing stored. */
export async function openStoredSecrets(db: Db, keys: EncryptionKeys): Promise<boolean> {
  const sealed = await storedSecrets(db);
  if (sealed === null) return false;
  ofProcess().opened = opening(sealed, keys);
  return true;
}

async function storedSecrets(db: Db | Tx): Promise<Buffer | null> {
  const [row] = await db.select({ hashing: installationSecrets.hashing }).from(installationSecrets);
  return row?.hashing ?? null;
}

function storeSecrets(db: Db, keys: EncryptionKeys): Promise<Buffer> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${LOCK}::bigint)`);
    const stored = await storedSecrets(tx);
    if (stored !== null) return stored;
    const key = await keyInUse(tx, keys);
    const { pepper, passwordSaltKey } = derivedSecrets(key);
    const text: z.output<typeof Stored> = {
      pepper: pepper.toString("base64"),
      password_salt_key: passwordSaltKey.toString("base64"),
    };
    const hashing = seal(JSON.stringify(text), key, HASHING_SECRETS);
    await tx.insert(installationSecrets).values({ hashing });
    return hashing;
  });
}

function opening(sealed: Buffer, keys: EncryptionKeys): HashingSecrets {
  try {
    const stored = Stored.parse(JSON.parse(openWithAny(sealed, keys, HASHING_SECRETS)));
    return {
      pepper: Buffer.from(stored.pepper, "base64"),
      passwordSaltKey: Buffer.from(stored.password_salt_key, "base64"),
    };
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new StartUpError(
      "This database is encrypted with another ENCRYPTION_KEY: set the one that it was used with. To replace a key, set the earlier one as ENCRYPTION_KEY_PREVIOUS and run npx tollgate rotate-encryption-key.",
    );
  }
}

/**
 * The key to seal with: the one of the hashing secrets, which a rotation seals first. Until the transaction ends, no
 * rotation passes that point, so that it finds what is sealed here.
 * @returns null if this process does not have that key
 */
export async function sealingKeyIn(tx: Tx, keys: EncryptionKeys): Promise<string | null> {
  const [row] = await tx.select().from(installationSecrets).for("share");
  // Before the first start has stored any, as in tests.
  if (row === undefined || isSealedWith(row.hashing, keys.ENCRYPTION_KEY)) return keys.ENCRYPTION_KEY;
  const { ENCRYPTION_KEY_PREVIOUS: previous } = keys;
  return previous !== undefined && isSealedWith(row.hashing, previous) ? previous : null;
}
