import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { OrganizationId } from "./get-organization";
import { readOrganization } from "./organization-access";

/**
 * What an organization has used in its budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export const organizationUsage = verb({
  role: "viewer",
  input: OrganizationId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    return scopeUsage(ctx.db, "organization", await readOrganization(ctx.db, ctx.actor, id));
  },
});
