import { eq, getTableColumns } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import type { ProviderRow } from "./provider";

export const providerColumns = getTableColumns(providers);

/**
 * Reads a provider's row, including its sealed credentials.
 * @throws ServiceError "not_found"
 */
export async function readProvider(db: Db | Tx, id: string): Promise<ProviderRow> {
  const [row] = await db.select().from(providers).where(eq(providers.id, id));
  if (row === undefined) throw notFound("provider");
  return row;
}

/** The same with a lock: until the transaction ends, no target and no key can start to refer to it. */
export async function lockProvider(tx: Tx, id: string): Promise<ProviderRow> {
  const [row] = await tx.select().from(providers).where(eq(providers.id, id)).for("update");
  if (row === undefined) throw notFound("provider");
  return row;
}
