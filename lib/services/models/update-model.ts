import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import type { Tx } from "#lib/db/client";
import { models, modelTargets } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { recordRoutingAudit } from "#lib/services/providers/record-routing-audit";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { checkNames } from "./check-names";
import { lockModels } from "./lock-models";
import { manualPrice } from "./manual-price";
import { Model, type ModelTarget, readModel } from "./model";
import { type ModelTargetInput, modelFields, withoutRepeats } from "./model-input";
import { insertTargets, priceTargets } from "./price-targets";

const Input = z.strictObject({
  id: idField("model"),
  ...modelFields,
  name: modelFields.name.optional(),
  aliases: modelFields.aliases.optional(),
  strategy: modelFields.strategy.optional(),
  targets: modelFields.targets.optional().describe("The whole list: it replaces the existing targets."),
  drop_unsupported: modelFields.drop_unsupported.optional(),
  retries: modelFields.retries.optional(),
  enabled: modelFields.enabled.optional(),
});
type Input = z.output<typeof Input>;

/**
 * Changes the given fields and audits the change. Targets are replaced as a whole; those that stay keep their
 * price, and a manual price applies to all of them. A null price, context window or output bound returns to
 * the catalogue's.
 * @throws ServiceError "invalid" (also if no catalogue has a price and none is given), "not_found",
 * "conflict" for a name or alias that is taken
 */
export const updateModel = verb({
  role: "admin",
  input: Input,
  output: Model,
  run: async (ctx: RoutingContext, input) =>
    ctx.db.transaction(async (tx) => {
      await lockModels(tx);
      const before = await readModel(tx, input.id);
      if (before === null) throw notFound("model");
      const name = input.name ?? before.name;
      const aliases = withoutRepeats(name, input.aliases ?? before.aliases);
      await checkNames(tx, name, aliases, before.id);
      const { targets, ...limits } = await retarget(tx, ctx, input, before);
      const columns = {
        name,
        aliases,
        strategy: input.strategy ?? before.strategy,
        dropUnsupported: input.drop_unsupported ?? before.drop_unsupported,
        retries: input.retries ?? before.retries,
        hedgeAfterMs: input.hedge_after_ms === undefined ? before.hedge_after_ms : input.hedge_after_ms,
        enabled: input.enabled ?? before.enabled,
        ...limits,
      };
      const sameTargets = isDeepStrictEqual(targets, targetsOf(before));
      if (sameTargets && isDeepStrictEqual(columns, columnsOf(before))) return before;
      await tx.update(models).set(columns).where(eq(models.id, before.id));
      if (!sameTargets) {
        await tx.delete(modelTargets).where(eq(modelTargets.modelId, before.id));
        await insertTargets(tx, before.id, targets);
      }
      const after = await readModel(tx, before.id);
      if (after === null) throw new Error("the updated model cannot be read");
      await recordRoutingAudit(tx, ctx, "model", "update", { id: after.id, before, after });
      return after;
    }),
});

/** The new targets with their prices, and the new limits. */
async function retarget(tx: Tx, ctx: RoutingContext, input: Input, before: Model) {
  const { contextWindow, maxOutputTokens } = columnsOf(before);
  const asksCatalogue = [input.targets, input.price, input.context_window, input.max_output_tokens].some(
    (value) => value !== undefined,
  );
  if (!asksCatalogue) return { targets: targetsOf(before), contextWindow, maxOutputTokens };
  const manual = input.price ? await ensurePriceVersion(tx, manualPrice(ctx, input.price)) : undefined;
  const keepsPrices = input.price === undefined;
  const { targets, ...known } = await priceTargets(
    tx,
    ctx,
    input.targets ?? targetsOf(before).map(({ price_version_id: _, ...target }) => target),
    (target) => manual ?? (keepsPrices ? priceBefore(before, target) : undefined),
  );
  return {
    targets,
    contextWindow:
      input.context_window === undefined ? contextWindow : (input.context_window ?? known.contextWindow),
    maxOutputTokens:
      input.max_output_tokens === undefined
        ? maxOutputTokens
        : (input.max_output_tokens ?? known.maxOutputTokens),
  };
}

/** The price version of the same target before, or else the manual one, which applies to all targets. */
function priceBefore({ targets }: Model, wanted: ModelTargetInput): string | undefined {
  const manual = targets.find((target) => target.price_source === "manual");
  const same = targets.find(
    (target) => target.provider_id === wanted.provider_id && target.upstream_model === wanted.upstream_model,
  );
  return (same ?? manual)?.price_version_id;
}

const columnsOf = (model: Model) => ({
  name: model.name,
  aliases: model.aliases,
  strategy: model.strategy,
  dropUnsupported: model.drop_unsupported,
  retries: model.retries,
  hedgeAfterMs: model.hedge_after_ms,
  enabled: model.enabled,
  contextWindow: model.context_window,
  maxOutputTokens: model.max_output_tokens,
});

const targetsOf = ({ targets }: Model) =>
  targets.map(({ provider_name: _, price: __, price_source: ___, ...target }: ModelTarget) => target);
