import { lt, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { idempotencyKeys } from "#lib/db/schema/identity";
import { REMEMBERED } from "./run-once";

/** Deletes remembered answers that are too old to be given again; answers how many. */
export async function forgetOldKeys(db: Db): Promise<number> {
  const { count } = await db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, sql`now() - ${REMEMBERED}`));
  return count;
}
