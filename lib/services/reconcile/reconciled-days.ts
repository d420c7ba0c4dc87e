import { desc, lt, sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import { DAY_MS } from "#lib/services/usage/report-window";

/** UTC days that are reconciled; undefined: from the first one on, until now. */
export type ReconciledDays = { from: Date | undefined; to: Date | undefined };

/** Without a first day, those are reconciled that have so many of the newest requests: work of seconds. */
const REQUESTS = 100_000;

/**
 * The days with the newest requests, if there are more than can be read at once.
 * @param requests for tests
 */
export async function newestDays(
  tx: Tx,
  to: Date | undefined,
  requests: number = REQUESTS,
): Promise<ReconciledDays> {
  const [row] = await tx
    .select({ at: sql`tollgate_id_time(${ledger.id})`.mapWith(ledger.createdAt) })
    .from(ledger)
    .where(
      to === undefined ? undefined : lt(ledger.id, sql`tollgate_id_floor(${to.toISOString()}::timestamptz)`),
    )
    .orderBy(desc(ledger.id))
    .offset(requests)
    .limit(1);
  return { from: row && new Date(Math.floor(row.at.getTime() / DAY_MS) * DAY_MS), to };
}

/** From when on the ledger and the rollups both have everything: retention has removed earlier requests, an upgrade has not summed them yet. */
export async function comparableFrom(tx: Tx, { from }: ReconciledDays): Promise<Date> {
  const [state] = await tx.select().from(ledgerState);
  return new Date(
    Math.max(state?.keptFrom.getTime() ?? 0, state?.rolledUpFrom.getTime() ?? 0, from?.getTime() ?? 0),
  );
}
