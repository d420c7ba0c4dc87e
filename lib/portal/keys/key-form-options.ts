import { asc } from "drizzle-orm";
import { providers } from "#lib/db/schema/routing";
import { enabledModelNames } from "#lib/portal/models/enabled-models";
import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { ServiceContext } from "#lib/services/context";
import { createKey } from "#lib/services/keys/create-key";
import { hasRole } from "#lib/services/role";

/** The choices in the form for a key. Its owner is searched for. */
export type KeyFormOptions = {
  organizations: OrganizationChoice[];
  models: string[];
  /** Empty except for administrators: only they restrict a key to a provider. */
  providers: { id: string; name: string }[];
};

/** @returns null if the actor may not create keys */
export async function keyFormOptions(ctx: ServiceContext): Promise<KeyFormOptions | null> {
  if (!hasRole(ctx.actor, createKey.role)) return null;
  const [organizations, models, providerOptions] = await Promise.all([
    organizationChoices(ctx),
    enabledModelNames(ctx),
    ctx.actor.role === "admin" ? readProviders(ctx) : [],
  ]);
  return { organizations, models, providers: providerOptions };
}

const readProviders = ({ db }: ServiceContext) =>
  db.select({ id: providers.id, name: providers.name }).from(providers).orderBy(asc(providers.name));
