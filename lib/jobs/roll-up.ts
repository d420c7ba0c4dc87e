import { backfillUsage, rollUpUsage } from "#lib/credit/ledger/roll-up";
import { controlDb } from "#lib/db/client";

/**
 * Moves the usage of recent settlements into the rollups, and after an upgrade also that of a further piece of the ledger.
 * @param patienceMs how long to go on through the ledger; by default one step, since the next call is soon
 */
export async function rollUp(patienceMs = 0): Promise<{ rolled_up: number; rollups_complete: boolean }> {
  const sql = controlDb().$client;
  const rolledUp = await rollUpUsage(sql);
  return { rolled_up: rolledUp, rollups_complete: await backfillUsage(sql, patienceMs) };
}
