import { asc } from "drizzle-orm";
import { organizations } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { visibleOrganizations } from "#lib/services/organizations/organization-access";

/** The organizations that the actor may see, for forms and filters. */
export const organizationNames = (ctx: ServiceContext): Promise<{ id: string; name: string }[]> =>
  ctx.db
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(visibleOrganizations(ctx.actor))
    .orderBy(asc(organizations.name));
