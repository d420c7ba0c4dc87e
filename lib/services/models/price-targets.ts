import { randomUUID } from "node:crypto";
import { inArray } from "drizzle-orm";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import type { Tx } from "#lib/db/client";
import { modelTargets, providers } from "#lib/db/schema/routing";
import { invalidField } from "#lib/http/errors";
import { findCataloguePrice, type PricedProvider } from "#lib/services/prices/catalogue-price";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { manualPrice } from "./manual-price";
import type { ModelTargetInput } from "./model-input";
import { targetLimitValues } from "./target-limits";

export type PricedTarget = Omit<ModelTargetInput, "price"> & { price_version_id: string };

/** Targets with their prices, and the limits (in tokens) that all of them can take, as far as the catalogues know. */
export type PricedTargets = {
  targets: PricedTarget[];
  contextWindow: number | null;
  maxOutputTokens: number | null;
};

/**
 * Finds the price of each target, in the order in which `priority` tries them: its own, or else the version that `given`
 * returns (a manual price, or the one that the target has), or else the catalogue's.
 * @throws ServiceError "invalid" about `targets` for an unknown provider, about `price` if no catalogue has one
 */
export async function priceTargets(
  tx: Tx,
  ctx: Pick<RoutingContext, "actor">,
  targets: readonly ModelTargetInput[],
  given: (target: ModelTargetInput) => string | undefined,
): Promise<PricedTargets> {
  const byId = await providersOf(tx, targets);
  const priced: PricedTarget[] = [];
  const windows: number[] = [];
  const bounds: number[] = [];
  for (const { price, ...target } of targets.toSorted((a, b) => a.priority - b.priority)) {
    const provider = byId.get(target.provider_id);
    if (provider === undefined) throw invalidField("targets", "Provider not found.");
    const found = await findCataloguePrice(tx, provider, target.upstream_model);
    const manual = price ? await ensurePriceVersion(tx, manualPrice(ctx, price)) : undefined;
    const other = price === undefined ? given(target) : undefined;
    const price_version_id = manual ?? other ?? (await found?.priceVersionId());
    if (price_version_id === undefined) {
      throw invalidField(
        "price",
        `No catalogue has a price for "${target.upstream_model}" at ${provider.name}. Give its rates in USD per million tokens, or say whose prices apply there (\`prices_of\` in the provider's settings).`,
      );
    }
    priced.push({ ...target, price_version_id });
    const window = target.context_window ?? found?.contextWindow ?? null;
    if (window !== null) windows.push(window);
    if (found?.maxOutputTokens) bounds.push(found.maxOutputTokens);
  }
  return { targets: priced, contextWindow: least(windows), maxOutputTokens: least(bounds) };
}

/** Inserts a model's targets. Targets of one priority are tried by id, so ids ascend in the given order. */
export async function insertTargets(
  tx: Tx,
  modelId: string,
  targets: readonly PricedTarget[],
): Promise<void> {
  const ids = targets.map(() => randomUUID()).sort();
  await tx.insert(modelTargets).values(
    targets.map((target, index) => ({
      id: ids[index],
      modelId,
      providerId: target.provider_id,
      upstreamModel: target.upstream_model,
      priceVersionId: target.price_version_id,
      priority: target.priority,
      weight: target.weight,
      enabled: target.enabled,
      ...targetLimitValues(target),
    })),
  );
}

/** The targets' providers, protected from deletion until the transaction ends. */
async function providersOf(
  tx: Tx,
  targets: readonly ModelTargetInput[],
): Promise<Map<string, PricedProvider>> {
  const { id, name, type, baseUrl, settings } = providers;
  const rows = await tx
    .select({ id, name, type, baseUrl, settings })
    .from(providers)
    .where(inArray(id, [...new Set(targets.map((target) => target.provider_id))]))
    .for("key share");
  return new Map(rows.map((row) => [row.id, row]));
}

const least = (numbers: readonly number[]) => (numbers.length === 0 ? null : Math.min(...numbers));
