import { eq } from "drizzle-orm";
import type { z } from "zod";
import { models } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { type RoutingContext, requireRoutingAdministrator } from "#lib/services/providers/routing-context";
import { ModelId } from "./get-model";
import { lockModels } from "./lock-models";
import { readModel } from "./model";

/**
 * Deletes a model with its targets; ledger rows keep its name and price versions. Audits it.
 * @throws ServiceError "not_found", "forbidden" for all but administrators
 */
export async function deleteModel(ctx: RoutingContext, input: z.input<typeof ModelId>): Promise<void> {
  requireRoutingAdministrator(ctx);
  const { id } = parseInput(ModelId, input);
  await ctx.db.transaction(async (tx) => {
    await lockModels(tx);
    const before = await readModel(tx, id);
    if (before === null) throw notFound("model");
    await tx.delete(models).where(eq(models.id, id));
    await recordAudit(tx, ctx, {
      action: "model.delete",
      subjectType: "model",
      subjectId: id,
      organizationId: null,
      before,
    });
  });
}
