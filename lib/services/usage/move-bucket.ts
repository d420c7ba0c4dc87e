import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import type { Period } from "#lib/db/schema/columns";
import type { ScopeType } from "#lib/db/schema/credit";
import { type BudgetedRow, runningPeriod } from "./scope-usage";

type Budgeted = Pick<BudgetedRow, "budgetPeriod">;

/**
 * Creates the bucket of the new period from the ledger if a change gives a scope's budget another period. Call it as
 * the last step of the change's transaction, because requests of the scope wait from here on. It can deadlock, so
 * use a `retryingTransaction`.
 */
export async function moveBucket(
  tx: Tx,
  scope: { type: ScopeType; id: string },
  before: Budgeted,
  after: Partial<Budgeted>,
): Promise<void> {
  const from = runningPeriod(before);
  const to = runningPeriod({ ...before, ...after });
  if (from === to) return;
  await rebucket(tx, scope, from, to);
}

/**
 * Brings the running bucket of a scope that has moved up to date with its usage in its new organization. Call it like
 * `moveBucket`.
 */
export const rebuildBucket = (
  tx: Tx,
  scope: { type: ScopeType; id: string },
  period: Period,
): Promise<unknown> => rebucket(tx, scope, period, period);

const rebucket = (tx: Tx, { type, id }: { type: ScopeType; id: string }, from: Period, to: Period) =>
  tx.execute(
    sql`select tollgate_rebucket_v1(${type}::scope_type, ${id}::uuid, ${from}::period, ${to}::period)`,
  );
