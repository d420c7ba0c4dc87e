import { z } from "zod";
import { actorLabel } from "#lib/services/adjustments/actor-label";
import { chargeAdjustment } from "#lib/services/adjustments/charge-adjustment";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField, textField } from "#lib/services/fields";
import { bucketSpentUsd } from "#lib/services/usage/bucket";
import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { lockUser } from "./user-access";

export const ResetUsageInput = z.strictObject({
  id: idField("user"),
  reason: textField(500).optional(),
});

/**
 * Takes back all that the user's running bucket has spent, by an adjustment in the ledger, and audits it.
 * The organization's own bucket and the reports of what was used stay as they are. Where nothing was
 * spent, nothing is written.
 * @returns the usage after it
 * @throws ServiceError "not_found", "forbidden"
 */
export const resetUsage = verb({
  role: "org_admin",
  input: ResetUsageInput,
  output: ScopeUsage,
  run: async (ctx, { id, reason }) => {
    return ctx.db.transaction(async (tx) => {
      const { organizationId, ...row } = await lockUser(tx, ctx.actor, id);
      if (organizationId === null || (await bucketSpentUsd(tx, row)) === "0")
        return scopeUsage(tx, "user", row);
      const adjustment = await chargeAdjustment(
        tx,
        { ...row, type: "user", organizationId },
        { amountUsd: null, reason: reason || "usage reset", actor: actorLabel(ctx.actor) },
      );
      await recordAudit(tx, ctx, {
        action: "user.reset_usage",
        subjectType: "user",
        subjectId: id,
        organizationId,
        after: {
          adjustment_id: adjustment.id,
          amount_usd: adjustment.amountUsd,
          reason: reason || "usage reset",
        },
      });
      return scopeUsage(tx, "user", row);
    });
  },
});
