import type { EncryptionKeys } from "#lib/config/seal";
import { openProvider, ProviderSealedAnew, type StoredProvider } from "#lib/providers/open-provider";
import type { OpenedProvider } from "#lib/providers/provider-type";

/** Called for a provider that cannot be used as stored (its credentials do not decrypt). */
export type OnBrokenProvider = (providerName: string, error: unknown) => void;

/** Opens a stored provider. @returns null if it cannot be used */
export type OpenProvider = (stored: StoredProvider, name: string) => OpenedProvider | null;

/**
 * Creates a function that opens providers as they are read again and again. If one was sealed anew with a key that this
 * process does not have, since the key is being rotated, the process goes on with what it opened before, at the
 * same address and with the same settings.
 */
export function providerOpener(keys: EncryptionKeys, onBroken: OnBrokenProvider): OpenProvider {
  const before = new Map<string, { as: string; opened: OpenedProvider }>();
  return (stored, name) => {
    const as = JSON.stringify([stored.type, stored.baseUrl, stored.settings]);
    try {
      const opened = openProvider(stored, keys);
      before.set(stored.id, { as, opened });
      return opened;
    } catch (error) {
      onBroken(name, error);
      const last = before.get(stored.id);
      return error instanceof ProviderSealedAnew && last?.as === as ? last.opened : null;
    }
  };
}
