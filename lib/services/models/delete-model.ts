import { eq } from "drizzle-orm";
import { z } from "zod";
import { models } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import { recordRoutingAudit } from "#lib/services/providers/record-routing-audit";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { ModelId } from "./get-model";
import { lockModels } from "./lock-models";
import { readModel } from "./model";

/** Deletes a model with its targets and audits it. Ledger rows keep its name and price versions. */
export const deleteModel = verb({
  role: "admin",
  input: ModelId,
  output: z.void(),
  run: async (ctx: RoutingContext, { id }) =>
    ctx.db.transaction(async (tx) => {
      await lockModels(tx);
      const before = await readModel(tx, id);
      if (before === null) throw notFound("model");
      await tx.delete(models).where(eq(models.id, id));
      await recordRoutingAudit(tx, ctx, "model", "delete", { id, before });
    }),
});
