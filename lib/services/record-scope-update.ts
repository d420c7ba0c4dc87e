import type { Tx } from "#lib/db/client";
import type { ScopeType } from "#lib/db/schema/credit";
import { type AuditEntry, recordAudit } from "./audit/record-audit";
import type { ServiceContext } from "./context";
import { moveBucket } from "./usage/move-bucket";
import type { BudgetedRow } from "./usage/scope-usage";

type BudgetPeriod = Pick<BudgetedRow, "budgetPeriod">;
type Change = Required<Pick<AuditEntry, "before" | "after">> & {
  row: BudgetPeriod & { id: string };
  columns: Partial<BudgetPeriod>;
};

/**
 * Audits the update of a scope that may have a budget, then creates the bucket of a new budget period. Call it as
 * the last step of a `retryingTransaction` (see `moveBucket`).
 */
export async function recordScopeUpdate(
  tx: Tx,
  ctx: ServiceContext,
  type: ScopeType,
  organizationId: string | null,
  { row, columns, before, after }: Change,
): Promise<void> {
  await recordAudit(tx, ctx, {
    action: `${type}.update`,
    subjectType: type,
    subjectId: row.id,
    organizationId,
    before,
    after,
  });
  await moveBucket(tx, { type, id: row.id }, row, columns);
}
