import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { ServiceContext } from "#lib/services/context";

export type WebhookFormOptions = {
  organizations: OrganizationChoice[];
  /** Whether a webhook may get the events of all organizations. */
  maySeeAll: boolean;
};

/** What the form for a webhook offers; null to those who have none. */
export async function webhookFormOptions(ctx: ServiceContext): Promise<WebhookFormOptions | null> {
  const { role } = ctx.actor;
  if (role !== "admin" && role !== "org_admin") return null;
  return { organizations: await organizationChoices(ctx), maySeeAll: role === "admin" };
}
