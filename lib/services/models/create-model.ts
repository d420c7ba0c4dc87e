import { z } from "zod";
import { ensurePriceVersion } from "#lib/credit/price-version";
import { models } from "#lib/db/schema/routing";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { ratesOf } from "#lib/services/prices/price";
import { type RoutingContext, requireRoutingAdministrator } from "#lib/services/providers/routing-context";
import { checkNames } from "./check-names";
import { lockModels } from "./lock-models";
import { type Model, readModel } from "./model";
import { cleanAliases, modelFields } from "./model-input";
import { insertTargets, priceTargets } from "./price-targets";

export const CreateModelInput = z.strictObject({
  ...modelFields,
  aliases: modelFields.aliases.default([]),
  strategy: modelFields.strategy.default("priority"),
  enabled: modelFields.enabled.default(true),
});

/**
 * Makes a model with its targets and their price versions, and audits it.
 * @throws ServiceError "invalid" (also where a price must be given by hand), "conflict" for a name or alias
 * that is taken, "forbidden" for all but administrators
 */
export async function createModel(
  ctx: RoutingContext,
  input: z.input<typeof CreateModelInput>,
): Promise<Model> {
  requireRoutingAdministrator(ctx);
  const asked = parseInput(CreateModelInput, input);
  const aliases = cleanAliases(asked.name, asked.aliases);
  return ctx.db.transaction(async (tx) => {
    await lockModels(tx);
    await checkNames(tx, asked.name, aliases);
    const byHand = asked.price ? await ensurePriceVersion(tx, manualPrice(ctx, asked.price)) : undefined;
    const { targets, ...known } = await priceTargets(tx, asked.targets, () => byHand);
    const [made] = await tx
      .insert(models)
      .values({
        name: asked.name,
        aliases,
        strategy: asked.strategy,
        contextWindow: asked.context_window ?? known.contextWindow,
        maxOutputTokens: asked.max_output_tokens ?? known.maxOutputTokens,
        enabled: asked.enabled,
      })
      .returning({ id: models.id });
    if (made === undefined) throw new Error("the model was not inserted");
    await insertTargets(tx, made.id, targets);
    const model = await readModel(tx, made.id);
    if (model === null) throw new Error("the model that was inserted is not there");
    await recordAudit(tx, ctx, {
      action: "model.create",
      subjectType: "model",
      subjectId: model.id,
      organizationId: null,
      after: model,
    });
    return model;
  });
}

/** A price given by hand, and by whose. */
export const manualPrice = (
  ctx: Pick<RoutingContext, "actor">,
  price: NonNullable<z.output<typeof modelFields.price>>,
) => ({ source: "manual" as const, origin: `by hand: ${ctx.actor.name}`, rates: ratesOf(price) });
