import { z } from "zod";
import { open, SealBroken } from "#lib/config/seal";
import type { OpenedProvider } from "./provider-type";
import { findProviderType } from "./registry";

/** A provider as the database has it. */
export type StoredProvider = {
  type: string;
  baseUrl: string | null;
  /** Sealed with ENCRYPTION_KEY. */
  credentials: Buffer | null;
  settings: unknown;
};

/** A stored provider cannot be used. The message says what to do and holds no secret. */
export class ProviderUnusable extends Error {
  override name = "ProviderUnusable";
}

/**
 * Makes a stored provider ready for requests.
 * @throws ProviderUnusable
 */
export function openProvider(stored: StoredProvider, encryptionKey: string): OpenedProvider {
  const type = findProviderType(stored.type);
  if (type === undefined) throw new ProviderUnusable(`The provider type "${stored.type}" is not served.`);
  const credentials = openCredentials(stored.credentials, encryptionKey);
  try {
    return type.open({ baseUrl: stored.baseUrl, credentials, settings: stored.settings });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new ProviderUnusable("The stored credentials or settings are not valid: give them again.", {
      cause: error,
    });
  }
}

function openCredentials(sealed: Buffer | null, encryptionKey: string): unknown {
  if (sealed === null) return null;
  try {
    return JSON.parse(open(sealed, encryptionKey));
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof SyntaxError)) throw error;
    // Without the cause: a syntax error quotes what it read.
    throw new ProviderUnusable(
      "The stored credentials cannot be decrypted. Was ENCRYPTION_KEY changed? Give them again.",
    );
  }
}
