import { eq, getTableColumns } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import type { ProviderRow } from "./provider";

export const providerColumns = getTableColumns(providers);

/**
 * A provider's row, sealed credentials included.
 * @throws ServiceError "not_found"
 */
export async function readProvider(db: Db | Tx, id: string): Promise<ProviderRow> {
  const [row] = await db.select().from(providers).where(eq(providers.id, id));
  if (row === undefined) throw notFound("provider");
  return row;
}

/** The same, locked for a change: nobody gives it a target or pins a key to it before the transaction ends. */
export async function lockProvider(tx: Tx, id: string): Promise<ProviderRow> {
  const [row] = await tx.select().from(providers).where(eq(providers.id, id)).for("update");
  if (row === undefined) throw notFound("provider");
  return row;
}
