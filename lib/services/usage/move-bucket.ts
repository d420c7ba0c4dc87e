import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
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
  await tx.execute(
    sql`select tollgate_rebucket_v1(${scope.type}::scope_type, ${scope.id}::uuid, ${from}::period, ${to}::period)`,
  );
}
