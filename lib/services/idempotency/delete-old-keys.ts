import { lt, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { idempotencyKeys } from "#lib/db/schema/identity";
import { RETENTION } from "./run-once";

/** Deletes stored answers past their retention; returns how many. */
export async function deleteOldKeys(db: Db): Promise<number> {
  const { count } = await db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, sql`now() - ${RETENTION}`));
  return count;
}
