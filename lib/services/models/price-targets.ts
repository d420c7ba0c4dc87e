import { randomUUID } from "node:crypto";
import { inArray } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { modelTargets, providers } from "#lib/db/schema/routing";
import { invalidField } from "#lib/http/errors";
import { findCataloguePrice, type PricedProvider } from "#lib/services/prices/catalogue-price";
import type { ModelTargetInput } from "./model-input";

export type PricedTarget = ModelTargetInput & { price_version_id: string };

/** Targets with what they cost, and what the catalogues know of what all of them can take, in tokens. */
export type PricedTargets = {
  targets: PricedTarget[];
  contextWindow: number | null;
  maxOutputTokens: number | null;
};

/**
 * Finds what each target costs, in the order in which they are tried: what `given` says of it (a price by hand, or the one it has), else the
 * catalogue's.
 * @throws ServiceError "invalid" about `targets` for a provider that is not there, about `price` where no
 * catalogue has one
 */
export async function priceTargets(
  tx: Tx,
  targets: readonly ModelTargetInput[],
  given: (target: ModelTargetInput) => string | undefined,
): Promise<PricedTargets> {
  const byId = await providersOf(tx, targets);
  const priced: PricedTarget[] = [];
  const windows: number[] = [];
  const bounds: number[] = [];
  for (const target of targets.toSorted((a, b) => a.priority - b.priority)) {
    const provider = byId.get(target.provider_id);
    if (provider === undefined) throw invalidField("targets", "There is no such provider.");
    const found = await findCataloguePrice(tx, provider, target.upstream_model);
    const price_version_id = given(target) ?? (await found?.priceVersionId());
    if (price_version_id === undefined) {
      throw invalidField(
        "price",
        `No catalogue has a price for "${target.upstream_model}" at ${provider.name}: give its rates in USD per million tokens.`,
      );
    }
    priced.push({ ...target, price_version_id });
    if (found?.contextWindow) windows.push(found.contextWindow);
    if (found?.maxOutputTokens) bounds.push(found.maxOutputTokens);
  }
  return { targets: priced, contextWindow: least(windows), maxOutputTokens: least(bounds) };
}

/** Writes a model's targets. Those of one priority are tried by id: hence ids in the order given. */
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
      enabled: target.enabled,
    })),
  );
}

/** The targets' providers, kept from being deleted until the transaction ends. */
async function providersOf(
  tx: Tx,
  targets: readonly ModelTargetInput[],
): Promise<Map<string, PricedProvider>> {
  const { id, name, type, baseUrl } = providers;
  const rows = await tx
    .select({ id, name, type, baseUrl })
    .from(providers)
    .where(inArray(id, [...new Set(targets.map((target) => target.provider_id))]))
    .for("key share");
  return new Map(rows.map((row) => [row.id, row]));
}

const least = (numbers: readonly number[]) => (numbers.length === 0 ? null : Math.min(...numbers));
