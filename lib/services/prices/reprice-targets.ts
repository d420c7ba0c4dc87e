import { and, eq, ne } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { models, modelTargets, priceVersions, providers } from "#lib/db/schema/routing";
import type { PriceFinder } from "./catalogue-price";

/** A target that has another price now. */
export type RepricedTarget = { model: string; provider: string; upstream_model: string };

/**
 * Gives the targets whose price is a catalogue's what `find` finds now; what it does not know keeps its
 * price, and so does what was priced by hand. The caller holds the lock on models.
 * @param only the targets at one provider; without it, all
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
      provider: { name: providers.name, type: providers.type, baseUrl: providers.baseUrl },
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
