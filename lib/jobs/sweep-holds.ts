import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { hotSql } from "#lib/db/client";
import { log } from "#lib/observability/log";

/** Settles the holds of dead processes and logs their number, since each is an interrupted request. */
export async function sweepHolds(): Promise<{ swept: number }> {
  const swept = await sweepExpiredHolds(hotSql());
  if (swept > 0) log.warn({ swept }, "settled requests of a dead process by estimate");
  return { swept };
}
