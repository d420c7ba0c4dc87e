import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { ensurePriceVersion } from "#lib/credit/price-version";
import type { Tx } from "#lib/db/client";
import { models, modelTargets } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField } from "#lib/services/fields";
import { type RoutingContext, requireRoutingAdministrator } from "#lib/services/providers/routing-context";
import { checkNames } from "./check-names";
import { manualPrice } from "./create-model";
import { lockModels } from "./lock-models";
import { type Model, type ModelTarget, readModel } from "./model";
import { cleanAliases, type ModelTargetInput, modelFields } from "./model-input";
import { insertTargets, priceTargets } from "./price-targets";

export const UpdateModelInput = z.strictObject({
  id: idField("model"),
  ...modelFields,
  name: modelFields.name.optional(),
  aliases: modelFields.aliases.optional(),
  strategy: modelFields.strategy.optional(),
  targets: modelFields.targets.optional().describe("All of them: they replace those there are."),
  enabled: modelFields.enabled.optional(),
});
type Asked = z.output<typeof UpdateModelInput>;

/**
 * Changes what is given and audits it. Targets are replaced as a whole; those that stay keep their price,
 * and all of them one that was given by hand. A null price, context window or output bound goes back to
 * the catalogue's.
 * @throws ServiceError "invalid" (also where a price must be given by hand), "not_found", "conflict" for a
 * name or alias that is taken, "forbidden" for all but administrators
 */
export async function updateModel(
  ctx: RoutingContext,
  input: z.input<typeof UpdateModelInput>,
): Promise<Model> {
  requireRoutingAdministrator(ctx);
  const asked = parseInput(UpdateModelInput, input);
  return ctx.db.transaction(async (tx) => {
    await lockModels(tx);
    const before = await readModel(tx, asked.id);
    if (before === null) throw notFound("model");
    const name = asked.name ?? before.name;
    const aliases = cleanAliases(name, asked.aliases ?? before.aliases);
    await checkNames(tx, name, aliases, before.id);
    const { targets, ...limits } = await retarget(tx, ctx, asked, before);
    const columns = {
      name,
      aliases,
      strategy: asked.strategy ?? before.strategy,
      enabled: asked.enabled ?? before.enabled,
      ...limits,
    };
    if (isDeepStrictEqual(columns, columnsOf(before)) && isDeepStrictEqual(targets, targetsOf(before))) {
      return before;
    }
    await tx.update(models).set(columns).where(eq(models.id, before.id));
    if (!isDeepStrictEqual(targets, targetsOf(before))) {
      await tx.delete(modelTargets).where(eq(modelTargets.modelId, before.id));
      await insertTargets(tx, before.id, targets);
    }
    const after = await readModel(tx, before.id);
    if (after === null) throw new Error("the model that was changed is not there");
    await recordAudit(tx, ctx, {
      action: "model.update",
      subjectType: "model",
      subjectId: after.id,
      organizationId: null,
      before,
      after,
    });
    return after;
  });
}

/** The targets with their prices, and the limits, as they will be. */
async function retarget(tx: Tx, ctx: RoutingContext, asked: Asked, before: Model) {
  const { contextWindow, maxOutputTokens } = columnsOf(before);
  const asksCatalogue = [asked.targets, asked.price, asked.context_window, asked.max_output_tokens].some(
    (value) => value !== undefined,
  );
  if (!asksCatalogue) return { targets: targetsOf(before), contextWindow, maxOutputTokens };
  const byHand = asked.price ? await ensurePriceVersion(tx, manualPrice(ctx, asked.price)) : undefined;
  const keepsPrices = asked.price === undefined;
  const { targets, ...known } = await priceTargets(
    tx,
    asked.targets ?? targetsOf(before).map(({ price_version_id: _, ...target }) => target),
    (target) => byHand ?? (keepsPrices ? priceBefore(before, target) : undefined),
  );
  return {
    targets,
    contextWindow:
      asked.context_window === undefined ? contextWindow : (asked.context_window ?? known.contextWindow),
    maxOutputTokens:
      asked.max_output_tokens === undefined
        ? maxOutputTokens
        : (asked.max_output_tokens ?? known.maxOutputTokens),
  };
}

/** The version of a price by hand, which is every target's, or else of the same target before. */
function priceBefore({ targets }: Model, wanted: ModelTargetInput): string | undefined {
  const byHand = targets.find((target) => target.price_source === "manual");
  const same = targets.find(
    (target) => target.provider_id === wanted.provider_id && target.upstream_model === wanted.upstream_model,
  );
  return (same ?? byHand)?.price_version_id;
}

const columnsOf = (model: Model) => ({
  name: model.name,
  aliases: model.aliases,
  strategy: model.strategy,
  enabled: model.enabled,
  contextWindow: model.context_window,
  maxOutputTokens: model.max_output_tokens,
});

const targetsOf = ({ targets }: Model) =>
  targets.map(({ provider_name: _, price: __, price_source: ___, ...target }: ModelTarget) => target);
