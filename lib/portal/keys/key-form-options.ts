import { asc } from "drizzle-orm";
import { providers } from "#lib/db/schema/routing";
import { enabledModelNames } from "#lib/portal/models/enabled-models";
import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { ServiceContext } from "#lib/services/context";
import { createKey } from "#lib/services/keys/create-key";
import { type KeyBounds, readKeyBounds } from "#lib/services/keys/key-bounds";
import { hasRole } from "#lib/services/role";

/** The choices in the form for a key. Its owner is searched for. */
export type KeyFormOptions = {
  organizations: OrganizationChoice[];
  models: string[];
  /** What a member's own keys may have at most; null for others, whose choice of an owner decides. */
  bounds: KeyBounds | null;
  /** Empty except for administrators: only they restrict a key to a provider. */
  providers: { id: string; name: string }[];
};

/** @returns null if the actor may not create keys */
export async function keyFormOptions(ctx: ServiceContext): Promise<KeyFormOptions | null> {
  if (!hasRole(ctx.actor, createKey.role)) return null;
  const [organizations, models, providerOptions, bounds] = await Promise.all([
    organizationChoices(ctx),
    enabledModelNames(ctx),
    ctx.actor.role === "admin" ? readProviders(ctx) : [],
    ownBounds(ctx),
  ]);
  return { organizations, models, bounds, providers: providerOptions };
}

const ownBounds = async ({ db, actor }: ServiceContext): Promise<KeyBounds | null> =>
  actor.role === "member" && actor.organizationId !== null
    ? readKeyBounds(db, { organizationId: actor.organizationId, userId: actor.id })
    : null;

const readProviders = ({ db }: ServiceContext) =>
  db.select({ id: providers.id, name: providers.name }).from(providers).orderBy(asc(providers.name));
