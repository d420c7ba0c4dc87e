import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { forbidden } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";

/** Reading every row of a year's ledger takes longer than a page may. */
const PATIENCE = "10min";

/**
 * Runs what reads all of the ledger: as of one moment, however busy it is, and changing nothing.
 * @throws ServiceError "forbidden" for all but administrators
 */
export async function overWholeBooks<T>(ctx: ServiceContext, read: (tx: Tx) => Promise<T>): Promise<T> {
  if (ctx.actor.role !== "admin") throw forbidden("Only administrators may reconcile the books.");
  return ctx.db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${PATIENCE}, true)`);
      return read(tx);
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}
