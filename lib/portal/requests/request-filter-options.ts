import { and, desc, eq, ne, sql } from "drizzle-orm";
import { apiKeys } from "#lib/db/schema/identity";
import { usageDays, usageGroups, usagePending } from "#lib/db/schema/usage";
import { DIALECTS } from "#lib/dialects/registry";
import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { ServiceContext } from "#lib/services/context";
import { visibleTo } from "#lib/services/scope";
import { grainFor } from "#lib/services/usage/usage-question";

/** The choices in the ledger's filters. */
export type RequestFilterOptions = {
  models: string[];
  endpoints: readonly string[];
  keys: { id: string; name: string; prefix: string }[];
  /** Empty except for administrators: others see one organization. */
  organizations: OrganizationChoice[];
};

const MOST_KEYS = 200;

/**
 * Reads rollups and small tables, never the ledger.
 * @param organizationId the organization that the list is filtered by
 */
export async function requestFilterOptions(
  ctx: ServiceContext,
  organizationId: string | null = null,
): Promise<RequestFilterOptions> {
  const { actor, db } = ctx;
  const [models, keys, organizations] = await Promise.all([
    usedModels(ctx),
    db
      .select({ id: apiKeys.id, name: apiKeys.name, prefix: apiKeys.keyPrefix })
      .from(apiKeys)
      .where(visibleTo(actor, apiKeys))
      .orderBy(desc(apiKeys.createdAt))
      .limit(MOST_KEYS),
    actor.role === "admin" ? organizationChoices(ctx, organizationId) : [],
  ]);
  return {
    models,
    endpoints: DIALECTS.map(({ endpoint }) => endpoint),
    keys,
    organizations,
  };
}

/** The models of the last 90 days: of one look-up for each that has ever been used. */
async function usedModels({ actor, db }: ServiceContext): Promise<string[]> {
  const rows = await db
    .select({ model: usageGroups.model })
    .from(usageGroups)
    .where(
      and(
        eq(usageGroups.cut, grainFor(actor, {}, ["model"]).cut),
        ne(usageGroups.model, ""),
        visibleTo(actor, usageGroups),
        sql`exists (select from ${usageDays}
          where ${eq(usageDays.groupId, usageGroups.id)} and ${usageDays.day} > current_date - 90)`,
      ),
    )
    .union(db.select({ model: usagePending.model }).from(usagePending).where(visibleTo(actor, usagePending)));
  return rows.map(({ model }) => model).sort();
}
