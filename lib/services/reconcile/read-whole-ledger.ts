import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import type { ServiceContext } from "#lib/services/context";

/** Reading every row of a year's ledger takes longer than a page may. */
const TIMEOUT = "10min";

/** Runs queries over all of the ledger, read-only and in one snapshot, without blocking writers. */
export const readWholeLedger = <T>({ db }: ServiceContext, read: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${TIMEOUT}, true)`);
      return read(tx);
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
