import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { controlDb } from "#lib/db/client";

/** Moves the usage of recent settlements into the rollups. */
export async function rollUp(): Promise<{ rolled_up: number }> {
  return { rolled_up: await rollUpUsage(controlDb().$client) };
}
