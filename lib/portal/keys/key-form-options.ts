import { type AnyColumn, asc, isNotNull, sql } from "drizzle-orm";
import { organizations, users } from "#lib/db/schema/identity";
import { providers } from "#lib/db/schema/routing";
import { enabledModelNames } from "#lib/portal/models/enabled-models";
import type { ServiceContext } from "#lib/services/context";
import { createKey } from "#lib/services/keys/create-key";
import { hasRole } from "#lib/services/role";

/** The choices in the form for a key. */
export type KeyFormOptions = {
  organizations: { id: string; name: string }[];
  /** Empty for members, who create keys for themselves only. */
  users: { id: string; name: string; email: string; organization_id: string }[];
  models: string[];
  /** Empty except for administrators: only they restrict a key to a provider. */
  providers: { id: string; name: string }[];
};

/** @returns null if the actor may not create keys */
export async function keyFormOptions(ctx: ServiceContext): Promise<KeyFormOptions | null> {
  if (!hasRole(ctx.actor, createKey.role)) return null;
  const [organizationOptions, userOptions, models, providerOptions] = await Promise.all([
    readOrganizations(ctx),
    ctx.actor.role === "member" ? [] : readUsers(ctx),
    enabledModelNames(ctx),
    ctx.actor.role === "admin" ? readProviders(ctx) : [],
  ]);
  return { organizations: organizationOptions, users: userOptions, models, providers: providerOptions };
}

const readOrganizations = (ctx: ServiceContext) =>
  ctx.db
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(ownOrganization(ctx, organizations.id))
    .orderBy(asc(organizations.name));

async function readUsers(ctx: ServiceContext): Promise<KeyFormOptions["users"]> {
  const rows = await ctx.db
    .select({
      id: users.id,
      name: sql<string>`coalesce(${users.name}, ${users.email})`,
      email: users.email,
      organizationId: users.organizationId,
    })
    .from(users)
    .where(ownOrganization(ctx, users.organizationId))
    .orderBy(asc(sql`lower(coalesce(${users.name}, ${users.email}))`));
  return rows.flatMap(({ organizationId, ...user }) =>
    organizationId === null ? [] : [{ ...user, organization_id: organizationId }],
  );
}

const readProviders = ({ db }: ServiceContext) =>
  db.select({ id: providers.id, name: providers.name }).from(providers).orderBy(asc(providers.name));

/** Members have no organizations to see, but create keys in their own. */
const ownOrganization = ({ actor }: ServiceContext, organizationId: AnyColumn) =>
  actor.role === "admin" ? isNotNull(organizationId) : sql`${organizationId} = ${actor.organizationId}`;
