import { eq } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";

/**
 * Locks the provider that a key is restricted to against deletion.
 * @throws ServiceError "not_found"
 */
export async function requireProvider(tx: Tx, providerId: string | null): Promise<void> {
  if (providerId === null) return;
  const [found] = await tx
    .select({ id: providers.id })
    .from(providers)
    .where(eq(providers.id, providerId))
    .for("key share");
  if (found !== undefined) return;
  const message = "Provider not found.";
  throw new ServiceError("not_found", message, { provider_id: message });
}
