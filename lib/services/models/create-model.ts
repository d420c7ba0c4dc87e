import { z } from "zod";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import { models } from "#lib/db/schema/routing";
import { recordRoutingAudit } from "#lib/services/providers/record-routing-audit";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { checkNames } from "./check-names";
import { lockModels } from "./lock-models";
import { manualPrice } from "./manual-price";
import { Model, readModel } from "./model";
import { modelFields, withoutRepeats } from "./model-input";
import { insertTargets, priceTargets } from "./price-targets";

/**
 * Creates a model with its targets and their price versions, and audits it.
 * @throws ServiceError "invalid" (also if no catalogue has a price and none is given), "conflict" for a name
 * or alias that is taken
 */
export const createModel = verb({
  role: "admin",
  input: z.strictObject({
    ...modelFields,
    aliases: modelFields.aliases.default([]),
    strategy: modelFields.strategy.default("priority"),
    drop_unsupported: modelFields.drop_unsupported.default(false),
    retries: modelFields.retries.default(1),
    enabled: modelFields.enabled.default(true),
  }),
  output: Model,
  run: async (ctx: RoutingContext, input) => {
    const aliases = withoutRepeats(input.name, input.aliases);
    return ctx.db.transaction(async (tx) => {
      await lockModels(tx);
      await checkNames(tx, input.name, aliases);
      const manual = input.price ? await ensurePriceVersion(tx, manualPrice(ctx, input.price)) : undefined;
      const { targets, ...known } = await priceTargets(tx, ctx, input.targets, () => manual);
      const [created] = await tx
        .insert(models)
        .values({
          name: input.name,
          aliases,
          strategy: input.strategy,
          contextWindow: input.context_window ?? known.contextWindow,
          maxOutputTokens: input.max_output_tokens ?? known.maxOutputTokens,
          dropUnsupported: input.drop_unsupported,
          retries: input.retries,
          hedgeAfterMs: input.hedge_after_ms ?? null,
          enabled: input.enabled,
        })
        .returning({ id: models.id });
      if (created === undefined) throw new Error("the model was not inserted");
      await insertTargets(tx, created.id, targets);
      const model = await readModel(tx, created.id);
      if (model === null) throw new Error("the inserted model cannot be read");
      await recordRoutingAudit(tx, ctx, "model", "create", { id: model.id, after: model });
      return model;
    });
  },
});
