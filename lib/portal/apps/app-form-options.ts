import { enabledModelNames } from "#lib/portal/models/enabled-models";
import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import { createApp } from "#lib/services/apps/create-app";
import type { ServiceContext } from "#lib/services/context";
import { hasRole } from "#lib/services/role";

/** The choices in the form for an app. */
export type AppFormOptions = { organizations: OrganizationChoice[]; models: string[] };

/** @returns null if the actor may not create apps */
export async function appFormOptions(ctx: ServiceContext): Promise<AppFormOptions | null> {
  if (!hasRole(ctx.actor, createApp.role)) return null;
  const [organizations, models] = await Promise.all([organizationChoices(ctx), enabledModelNames(ctx)]);
  return { organizations, models };
}
