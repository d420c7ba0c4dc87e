import { z } from "zod";
import { actorLabel } from "#lib/services/adjustments/actor-label";
import { chargeAdjustment } from "#lib/services/adjustments/charge-adjustment";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField, textField } from "#lib/services/fields";
import { bucketSpentUsd } from "#lib/services/usage/bucket";
import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { lockUser } from "./user-access";

/**
 * Refunds everything that the user's current bucket has spent, by an adjustment in the ledger. The
 * organization's bucket and the usage reports do not change. Writes nothing if nothing was spent, also where there is
 * credit: it was paid for.
 * @returns the usage after the refund
 * @throws ServiceError "not_found", "forbidden" for an administrator
 */
export const resetUsage = verb({
  role: "org_admin",
  input: z.strictObject({
    id: idField("user"),
    reason: textField(500).optional(),
  }),
  output: ScopeUsage,
  run: async (ctx, { id, reason }) => {
    return ctx.db.transaction(async (tx) => {
      const row = await lockUser(tx, ctx.actor, id);
      const { organizationId } = row;
      const spentUsd = await bucketSpentUsd(tx, row);
      if (organizationId === null || spentUsd === "0" || spentUsd.startsWith("-"))
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
