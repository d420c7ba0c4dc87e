import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { hotSql } from "#lib/db/client";
import { log } from "#lib/observability/log";

/** Settles what dead processes left held; says so, since each is a request that was cut off. */
export async function sweepHolds(): Promise<{ swept: number }> {
  const swept = await sweepExpiredHolds(hotSql());
  if (swept > 0) log.warn({ swept }, "requests of a process that died were settled on an estimate");
  return { swept };
}
