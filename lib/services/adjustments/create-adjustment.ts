import { z } from "zod";
import { parseUsd } from "#lib/credit/money";
import { invalidField } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { instantField, signedUsdField, textField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { actorLabel } from "./actor-label";
import { AdjustmentScope, findAdjustedScope } from "./adjustment-scope";
import { chargeAdjustment } from "./charge-adjustment";

/** A row of the ledger that moves money without a request. */
export const Adjustment = z
  .object({
    id: z.uuid(),
    created_at: instantField,
    scope: AdjustmentScope,
    amount_usd: signedUsdField,
    reason: z.string(),
    actor: z.string(),
  })
  .meta({ id: "Adjustment" });
export type Adjustment = z.output<typeof Adjustment>;

export const reasonField = textField(500);

export const CreateAdjustmentInput = z.strictObject({
  scope: AdjustmentScope,
  amount_usd: signedUsdField.describe("A charge; a refund is negative. Not zero."),
  reason: reasonField.min(1, "Say why."),
});

/**
 * Charges or refunds the running bucket of one scope, and audits it. Reports of what was used stay as
 * they are: what a budget has spent is its requests' costs plus its adjustments.
 * @throws ServiceError "invalid", "not_found", "forbidden" for all but administrators: it is the
 * house's money
 */
export const createAdjustment = verb({
  role: "admin",
  input: CreateAdjustmentInput,
  output: Adjustment,
  run: async (ctx, { scope, amount_usd, reason }) => {
    if (parseUsd(amount_usd) === 0n) throw invalidField("amount_usd", "Give an amount other than zero.");
    const actor = actorLabel(ctx.actor);
    return ctx.db.transaction(async (tx) => {
      const found = await findAdjustedScope(tx, scope);
      const { id, createdAt, amountUsd } = await chargeAdjustment(tx, found, {
        amountUsd: amount_usd,
        reason,
        actor,
      });
      const adjustment = { id, created_at: createdAt, scope, amount_usd: amountUsd, reason, actor };
      await recordAudit(tx, ctx, {
        action: "adjustment.create",
        subjectType: "adjustment",
        subjectId: id,
        organizationId: found.organizationId,
        after: adjustment,
      });
      return adjustment;
    });
  },
});
