import type { Tx } from "#lib/db/client";
import { type AuditEntry, recordAudit } from "#lib/services/audit/record-audit";
import type { RoutingContext } from "./routing-context";

/** Records a change of a provider or a model, which belong to the whole installation. */
export const recordRoutingAudit = (
  tx: Tx,
  ctx: RoutingContext,
  subjectType: "provider" | "model",
  change: "create" | "update" | "delete",
  { id, before, after }: { id: string } & Pick<AuditEntry, "before" | "after">,
): Promise<void> =>
  recordAudit(tx, ctx, {
    action: `${subjectType}.${change}`,
    subjectType,
    subjectId: id,
    organizationId: null,
    before,
    after,
  });
