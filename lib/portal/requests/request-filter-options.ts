import { and, asc, desc, sql } from "drizzle-orm";
import { usageHourly } from "#lib/db/schema/credit";
import { apiKeys } from "#lib/db/schema/identity";
import { DIALECTS } from "#lib/dialects/registry";
import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { ServiceContext } from "#lib/services/context";
import { visibleTo } from "#lib/services/scope";

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
 * Reads the rollup and small tables, never the ledger.
 * @param organizationId the organization that the list is filtered by
 */
export async function requestFilterOptions(
  ctx: ServiceContext,
  organizationId: string | null = null,
): Promise<RequestFilterOptions> {
  const { actor, db } = ctx;
  const [models, keys, organizations] = await Promise.all([
    db
      .selectDistinct({ model: usageHourly.model })
      .from(usageHourly)
      .where(and(visibleTo(actor, usageHourly), sql`${usageHourly.hour} > now() - interval '90 days'`))
      .orderBy(asc(usageHourly.model)),
    db
      .select({ id: apiKeys.id, name: apiKeys.name, prefix: apiKeys.keyPrefix })
      .from(apiKeys)
      .where(visibleTo(actor, apiKeys))
      .orderBy(desc(apiKeys.createdAt))
      .limit(MOST_KEYS),
    actor.role === "admin" ? organizationChoices(ctx, organizationId) : [],
  ]);
  return {
    models: models.map((row) => row.model),
    endpoints: DIALECTS.map(({ endpoint }) => endpoint),
    keys,
    organizations,
  };
}
