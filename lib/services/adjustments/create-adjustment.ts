import { z } from "zod";
import { parseUsd } from "#lib/credit/money";
import { invalidField } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { instantField, signedUsdField, textField } from "#lib/services/fields";
import { BudgetState, budgetState } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { actorLabel } from "./actor-label";
import { AdjustmentScope, findAdjustedScope } from "./adjustment-scope";
import { chargeAdjustment } from "./charge-adjustment";

/** A ledger row that charges or refunds money without a request. */
export const Adjustment = z
  .object({
    id: z.uuid(),
    created_at: instantField,
    scope: AdjustmentScope,
    amount_usd: signedUsdField,
    reason: z.string(),
    actor: z.string(),
    budget: BudgetState.nullable().describe("What is left after it. Null without a budget."),
  })
  .meta({ id: "Adjustment" });
export type Adjustment = z.output<typeof Adjustment>;

const reasonField = textField(500);

/**
 * Charges or refunds the current bucket of one scope. Usage reports do not change: a budget's spend is the cost
 * of its requests plus its adjustments.
 * @throws ServiceError "not_found"
 */
export const createAdjustment = verb({
  role: "admin",
  input: z.strictObject({
    scope: AdjustmentScope,
    amount_usd: signedUsdField.describe(
      "Positive charges; negative refunds, or adds prepaid credit. Not zero.",
    ),
    reason: reasonField.min(1, "Enter a reason."),
  }),
  output: Adjustment,
  run: async (ctx, { scope, amount_usd, reason }) => {
    if (parseUsd(amount_usd) === 0n) throw invalidField("amount_usd", "Enter an amount other than zero.");
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
      return { ...adjustment, budget: await budgetState(tx, found) };
    });
  },
});
