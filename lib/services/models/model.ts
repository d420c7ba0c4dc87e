import { asc, desc, eq, inArray, type SQL } from "drizzle-orm";
import { z } from "zod";
import { parseRates } from "#lib/credit/prices/price";
import type { Db, Tx } from "#lib/db/client";
import { models, modelTargets, priceSource, priceVersions, providers } from "#lib/db/schema/routing";
import { STRATEGIES } from "#lib/db/schema/strategies";
import { createdMicros } from "#lib/services/created-page";
import { instantField } from "#lib/services/fields";
import { Price, priceOf } from "#lib/services/prices/price";
import { targetLimitColumns, targetLimits } from "./target-limits";

const PriceSource = z
  .enum(priceSource.enumValues)
  .describe("Entered manually, or from the built-in (`catalogue`) or the imported catalogue.");

/** Where a model is served, and its price there. */
const ModelTarget = z
  .object({
    provider_id: z.uuid(),
    provider_name: z.string(),
    upstream_model: z.string(),
    priority: z.int(),
    weight: z.int(),
    enabled: z.boolean(),
    ...targetLimits,
    price: Price,
    price_source: PriceSource,
    price_version_id: z.uuid().describe("Ledger rows refer to it. A price version never changes."),
  })
  .meta({ id: "ModelTarget" });
export type ModelTarget = z.output<typeof ModelTarget>;

/** A model in the API. */
export const Model = z
  .object({
    id: z.uuid(),
    name: z.string(),
    aliases: z.array(z.string()),
    strategy: z.enum(STRATEGIES),
    targets: z.array(ModelTarget).describe("In the order in which `priority` tries them."),
    price: Price.nullable().describe("Null if its targets have different prices."),
    price_source: PriceSource.nullable(),
    context_window: z.int().nullable().describe("Tokens, input and output together."),
    max_output_tokens: z.int().nullable(),
    drop_unsupported: z.boolean(),
    retries: z.int(),
    hedge_after_ms: z.int().nullable(),
    enabled: z.boolean(),
    created_at: instantField,
  })
  .meta({ id: "Model" });
export type Model = z.output<typeof Model>;

/** Reads models with their targets, newest first. `createdMicros` is for the cursor. */
export async function readModels(
  db: Db | Tx,
  where: SQL | undefined,
  limit: number,
): Promise<(Model & { createdMicros: string })[]> {
  const rows = await db
    .select({
      id: models.id,
      name: models.name,
      aliases: models.aliases,
      strategy: models.strategy,
      context_window: models.contextWindow,
      max_output_tokens: models.maxOutputTokens,
      drop_unsupported: models.dropUnsupported,
      retries: models.retries,
      hedge_after_ms: models.hedgeAfterMs,
      enabled: models.enabled,
      createdAt: models.createdAt,
      createdMicros: createdMicros(models),
    })
    .from(models)
    .where(where)
    .orderBy(desc(models.createdAt), desc(models.id))
    .limit(limit);
  const targets = await readTargets(
    db,
    rows.map((row) => row.id),
  );
  return rows.map(({ createdAt, createdMicros: micros, ...row }) => {
    const own = targets.get(row.id) ?? [];
    return {
      ...row,
      targets: own,
      ...priceOfAll(own),
      created_at: createdAt.toISOString(),
      createdMicros: micros,
    };
  });
}

/** Reads one model; null if there is none. */
export async function readModel(db: Db | Tx, id: string): Promise<Model | null> {
  const [found] = await readModels(db, eq(models.id, id), 1);
  if (found === undefined) return null;
  const { createdMicros: _, ...model } = found;
  return model;
}

async function readTargets(db: Db | Tx, modelIds: readonly string[]): Promise<Map<string, ModelTarget[]>> {
  if (modelIds.length === 0) return new Map();
  const rows = await db
    .select({
      modelId: modelTargets.modelId,
      provider_id: modelTargets.providerId,
      provider_name: providers.name,
      upstream_model: modelTargets.upstreamModel,
      priority: modelTargets.priority,
      weight: modelTargets.weight,
      enabled: modelTargets.enabled,
      ...targetLimitColumns,
      price_version_id: modelTargets.priceVersionId,
      price_source: priceVersions.source,
      rates: priceVersions.rates,
    })
    .from(modelTargets)
    .innerJoin(providers, eq(providers.id, modelTargets.providerId))
    .innerJoin(priceVersions, eq(priceVersions.id, modelTargets.priceVersionId))
    .where(inArray(modelTargets.modelId, [...modelIds]))
    .orderBy(asc(modelTargets.priority), asc(modelTargets.id));
  const byModel = new Map<string, ModelTarget[]>();
  for (const { modelId, rates, ...row } of rows) {
    const target = { ...row, price: priceOf(parseRates(rates)) };
    byModel.set(modelId, [...(byModel.get(modelId) ?? []), target]);
  }
  return byModel;
}

/** The price that all targets share. */
function priceOfAll(targets: readonly ModelTarget[]): Pick<Model, "price" | "price_source"> {
  const [first] = targets;
  const same =
    first !== undefined &&
    targets.every(
      ({ price, price_source }) =>
        price_source === first.price_source && JSON.stringify(price) === JSON.stringify(first.price),
    );
  return same
    ? { price: first.price, price_source: first.price_source }
    : { price: null, price_source: null };
}
