import { z } from "zod";
import { open, SealBroken, type SealedPlace } from "#lib/config/seal";
import type { OpenedProvider } from "./provider-type";
import { findProviderType } from "./registry";

const Headers = z.record(z.string(), z.string());

/** A provider as the database has it. */
export type StoredProvider = {
  id: string;
  type: string;
  baseUrl: string | null;
  /** Sealed with ENCRYPTION_KEY for this provider (`credentialsOf`). */
  credentials: Buffer | null;
  settings: unknown;
  /** The values of `settings.headers`, sealed likewise (`headersOf`). */
  headers: Buffer | null;
};

/** Where a provider's sealed credentials are. */
export const credentialsOf = (providerId: string): SealedPlace => ({
  table: "providers",
  row: providerId,
  column: "credentials",
});

/** Where the sealed values of its headers are. */
export const headersOf = (providerId: string): SealedPlace => ({
  table: "providers",
  row: providerId,
  column: "headers",
});

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
  const credentials = unsealed(stored.credentials, encryptionKey, credentialsOf(stored.id));
  const headers = unsealed(stored.headers, encryptionKey, headersOf(stored.id));
  try {
    return type.open({
      baseUrl: stored.baseUrl,
      credentials,
      settings: stored.settings,
      headers: Headers.parse(headers ?? {}),
    });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new ProviderUnusable("The stored credentials or settings are not valid: give them again.", {
      cause: error,
    });
  }
}

function unsealed(sealed: Buffer | null, encryptionKey: string, place: SealedPlace): unknown {
  if (sealed === null) return null;
  try {
    return JSON.parse(open(sealed, encryptionKey, place));
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof SyntaxError)) throw error;
    // Without the cause: a syntax error quotes what it read.
    throw new ProviderUnusable(
      `The stored ${place.column} cannot be decrypted: ENCRYPTION_KEY has changed, or they were sealed for another provider or by an earlier version. Give them again.`,
    );
  }
}
