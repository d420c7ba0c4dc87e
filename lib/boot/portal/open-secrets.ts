import { setTimeout as sleep } from "node:timers/promises";
import { openStoredSecrets } from "#lib/auth/hashing-secrets";
import { config } from "#lib/config/config";
import { StartUpError } from "#lib/config/start-up-error";
import { controlDb } from "#lib/db/client";

const EVERY_MS = 200;

/**
 * Opens what hashes depend on, once the parent process has migrated the database and stored it.
 * @throws StartUpError if ENCRYPTION_KEY is not the one in use
 */
export async function openSecretsOfParent(): Promise<void> {
  const keys = config();
  for (;;) {
    const isOpen = await openStoredSecrets(controlDb(), keys).catch((error: unknown) => {
      if (error instanceof StartUpError) throw error;
      // The table does not exist yet, or the database is unavailable.
      return false;
    });
    if (isOpen) return;
    await sleep(EVERY_MS);
  }
}
