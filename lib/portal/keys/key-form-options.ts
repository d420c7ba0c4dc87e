import { type AnyColumn, asc, eq, isNotNull, sql } from "drizzle-orm";
import { organizations, users } from "#lib/db/schema/identity";
import { models, providers } from "#lib/db/schema/routing";
import type { ServiceContext } from "#lib/services/context";
import { createKey } from "#lib/services/keys/create-key";
import { hasRole } from "#lib/services/role";

/** What the form for a new key offers this actor. */
export type KeyFormOptions = {
  organizations: { id: string; name: string }[];
  /** Empty where the actor makes keys for themselves only. */
  users: { id: string; name: string; email: string; organization_id: string }[];
  models: string[];
  /** Empty for all but administrators, who alone bind keys to one. */
  providers: { id: string; name: string }[];
};

/** Null where the actor may not make keys at all. */
export async function keyFormOptions(ctx: ServiceContext): Promise<KeyFormOptions | null> {
  const { actor, db } = ctx;
  if (!hasRole(actor, createKey.role)) return null;
  const within = (organizationId: AnyColumn) =>
    actor.role === "admin" ? isNotNull(organizationId) : sql`${organizationId} = ${actor.organizationId}`;
  const [itsOrganizations, itsUsers, itsModels, itsProviders] = await Promise.all([
    db
      .select({ id: organizations.id, name: organizations.name })
      .from(organizations)
      .where(within(organizations.id))
      .orderBy(asc(organizations.name)),
    actor.role === "member"
      ? []
      : db
          .select({
            id: users.id,
            name: sql<string>`coalesce(${users.name}, ${users.email})`,
            email: users.email,
            organizationId: users.organizationId,
          })
          .from(users)
          .where(within(users.organizationId))
          .orderBy(asc(sql`lower(coalesce(${users.name}, ${users.email}))`)),
    db.select({ name: models.name }).from(models).where(eq(models.enabled, true)).orderBy(asc(models.name)),
    actor.role === "admin"
      ? db.select({ id: providers.id, name: providers.name }).from(providers).orderBy(asc(providers.name))
      : [],
  ]);
  return {
    organizations: itsOrganizations,
    users: itsUsers.flatMap(({ organizationId, ...user }) =>
      organizationId === null ? [] : [{ ...user, organization_id: organizationId }],
    ),
    models: itsModels.map((model) => model.name),
    providers: itsProviders,
  };
}
