import { and, eq, ne } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { models, modelTargets, priceVersions, providers } from "#lib/db/schema/routing";
import type { PriceFinder } from "./catalogue-price";

/** A target whose price changed. */
export type RepricedTarget = { model: string; provider: string; upstream_model: string };

/**
 * Updates the targets with a catalogue price to what `find` returns now. Targets that it does not find, and those with
 * a manual price, keep theirs. The caller holds the lock on models.
 * @param only the targets of one provider; all by default
 */
export async function repriceTargets(
  tx: Tx,
  find: PriceFinder,
  only: { providerId: string } | null = null,
): Promise<RepricedTarget[]> {
  const targets = await tx
    .select({
      id: modelTargets.id,
      model: models.name,
      upstreamModel: modelTargets.upstreamModel,
      priceVersionId: modelTargets.priceVersionId,
      provider: {
        name: providers.name,
        type: providers.type,
        baseUrl: providers.baseUrl,
        settings: providers.settings,
      },
    })
    .from(modelTargets)
    .innerJoin(models, eq(models.id, modelTargets.modelId))
    .innerJoin(providers, eq(providers.id, modelTargets.providerId))
    .innerJoin(priceVersions, eq(priceVersions.id, modelTargets.priceVersionId))
    .where(
      and(
        ne(priceVersions.source, "manual"),
        only === null ? undefined : eq(modelTargets.providerId, only.providerId),
      ),
    )
    .orderBy(models.name, modelTargets.priority, modelTargets.id);
  const repriced: RepricedTarget[] = [];
  for (const { id, model, provider, upstreamModel, priceVersionId } of targets) {
    const found = await find(tx, provider, upstreamModel);
    const current = found === null ? priceVersionId : await found.priceVersionId();
    if (current === priceVersionId) continue;
    await tx.update(modelTargets).set({ priceVersionId: current }).where(eq(modelTargets.id, id));
    repriced.push({ model, provider: provider.name, upstream_model: upstreamModel });
  }
  return repriced;
}
