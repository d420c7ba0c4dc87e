import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { models } from "#lib/db/schema/routing";

/**
 * Serializes changes to models and their prices until the transaction ends: names and aliases are one
 * namespace, which no constraint can enforce, and a concurrent catalogue import must find every target. Take it
 * before any row lock. It does not block requests.
 */
export async function lockModels(tx: Tx): Promise<void> {
  await tx.execute(sql`LOCK TABLE ${models} IN SHARE ROW EXCLUSIVE MODE`);
}
