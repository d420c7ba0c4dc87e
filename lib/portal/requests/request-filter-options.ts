import { and, asc, desc, sql } from "drizzle-orm";
import { usageHourly } from "#lib/db/schema/credit";
import { apiKeys, organizations } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { visibleTo } from "#lib/services/scope";

/** What the ledger's filters offer this actor. */
export type RequestFilterOptions = {
  models: string[];
  keys: { id: string; name: string; prefix: string }[];
  /** Empty for everybody but administrators: the others see one. */
  organizations: { id: string; name: string }[];
};

const MOST_KEYS = 200;

/** Reads the rollup and the small tables, never the ledger. */
export async function requestFilterOptions(ctx: ServiceContext): Promise<RequestFilterOptions> {
  const { actor, db } = ctx;
  const [models, keys, itsOrganizations] = await Promise.all([
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
    actor.role === "admin"
      ? db
          .select({ id: organizations.id, name: organizations.name })
          .from(organizations)
          .orderBy(asc(organizations.name))
      : [],
  ]);
  return { models: models.map((row) => row.model), keys, organizations: itsOrganizations };
}
