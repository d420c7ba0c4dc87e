import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { models } from "#lib/db/schema/routing";

/**
 * Makes changes to models and to what they cost wait for each other, until the transaction ends: names
 * and aliases are one namespace, which no constraint can guard, and a catalogue that is imported meanwhile
 * must find every target. Taken before any row is locked. Requests are not held up.
 */
export async function lockModels(tx: Tx): Promise<void> {
  await tx.execute(sql`LOCK TABLE ${models} IN SHARE ROW EXCLUSIVE MODE`);
}
