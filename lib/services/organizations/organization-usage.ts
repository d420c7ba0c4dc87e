import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { OrganizationId } from "./get-organization";
import { readOrganization } from "./organization-access";

/**
 * The usage of one organization in the period of its budget, or in the current month without a budget.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const organizationUsage = verb({
  role: "viewer",
  input: OrganizationId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    const row = await readOrganization(ctx.db, ctx.actor, id);
    return scopeUsage(ctx.db, "organization", { ...row, organizationId: id });
  },
});
