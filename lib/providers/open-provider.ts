import { z } from "zod";
import {
  type EncryptionKeys,
  openWithAny,
  SealBroken,
  type SealedPlace,
  SealedWithAnotherKey,
} from "#lib/config/seal";
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

/** A stored provider is sealed with a key that this process does not have: with a later one, if the key was rotated. */
export class ProviderSealedAnew extends ProviderUnusable {
  override name = "ProviderSealedAnew";
  constructor() {
    super(
      "The stored credentials or headers are sealed with another ENCRYPTION_KEY than this process has: restart it with the current one. If that is lost, give them again.",
    );
  }
}

/**
 * Makes a stored provider ready for requests.
 * @throws ProviderUnusable
 */
export function openProvider(stored: StoredProvider, keys: EncryptionKeys): OpenedProvider {
  const type = findProviderType(stored.type);
  if (type === undefined) throw new ProviderUnusable(`The provider type "${stored.type}" is not served.`);
  const credentials = unsealed(stored.credentials, keys, credentialsOf(stored.id));
  const headers = unsealed(stored.headers, keys, headersOf(stored.id));
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

function unsealed(sealed: Buffer | null, keys: EncryptionKeys, place: SealedPlace): unknown {
  if (sealed === null) return null;
  try {
    return JSON.parse(openWithAny(sealed, keys, place));
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof SyntaxError)) throw error;
    if (error instanceof SealedWithAnotherKey) throw new ProviderSealedAnew();
    // Without the cause: a syntax error quotes what it read.
    throw new ProviderUnusable(
      `The stored ${place.column} cannot be decrypted: ENCRYPTION_KEY has changed, or they were sealed for another provider or by an earlier version. Give them again.`,
    );
  }
}
