import { asc, eq } from "drizzle-orm";
import { models, modelTargets } from "#lib/db/schema/routing";
import type { ServiceContext } from "#lib/services/context";
import { requireRole } from "#lib/services/role";

/** A model with a target at a provider. */
export type ModelAtProvider = { id: string; name: string; upstream_model: string };

const MOST = 200;

/**
 * The models that have a provider as a target, by name.
 * @throws ServiceError "forbidden" except for administrators
 */
export async function modelsAtProvider(ctx: ServiceContext, providerId: string): Promise<ModelAtProvider[]> {
  requireRole(ctx.actor, "admin");
  return ctx.db
    .select({ id: models.id, name: models.name, upstream_model: modelTargets.upstreamModel })
    .from(modelTargets)
    .innerJoin(models, eq(models.id, modelTargets.modelId))
    .where(eq(modelTargets.providerId, providerId))
    .orderBy(asc(models.name), asc(modelTargets.upstreamModel))
    .limit(MOST);
}
