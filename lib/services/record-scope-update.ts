import type { Tx } from "#lib/db/client";
import { type AuditEntry, recordAudit } from "./audit/record-audit";
import type { ServiceContext } from "./context";
import { moveBucket } from "./usage/move-bucket";
import type { BudgetedRow, ScopeType } from "./usage/scope-usage";

type BudgetPeriod = Pick<BudgetedRow, "budgetPeriod">;

/**
 * Audits the update of a scope that may have a budget, then creates the bucket of a new budget period. Call it as
 * the last step of a `retryingTransaction` (see `moveBucket`).
 */
export async function recordScopeUpdate(
  tx: Tx,
  ctx: ServiceContext,
  scope: { type: ScopeType; id: string; organizationId: string | null },
  {
    row,
    columns,
    before,
    after,
  }: Required<Pick<AuditEntry, "before" | "after">> & {
    row: BudgetPeriod;
    columns: Partial<BudgetPeriod>;
  },
): Promise<void> {
  await recordAudit(tx, ctx, {
    action: `${scope.type}.update`,
    subjectType: scope.type,
    subjectId: scope.id,
    organizationId: scope.organizationId,
    before,
    after,
  });
  await moveBucket(tx, scope, row, columns);
}
