import { asc, eq } from "drizzle-orm";
import { models } from "#lib/db/schema/routing";
import { organizationNames } from "#lib/portal/organizations/organization-names";
import { createApp } from "#lib/services/apps/create-app";
import type { ServiceContext } from "#lib/services/context";
import { hasRole } from "#lib/services/role";

/** What the form for an app offers this actor. */
export type AppFormOptions = { organizations: { id: string; name: string }[]; models: string[] };

/** Null where the actor may not make and change apps. */
export async function appFormOptions(ctx: ServiceContext): Promise<AppFormOptions | null> {
  if (!hasRole(ctx.actor, createApp.role)) return null;
  const [organizations, enabled] = await Promise.all([
    organizationNames(ctx),
    ctx.db
      .select({ name: models.name })
      .from(models)
      .where(eq(models.enabled, true))
      .orderBy(asc(models.name)),
  ]);
  return { organizations, models: enabled.map((model) => model.name) };
}
