import type { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { type ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { OrganizationId } from "./get-organization";
import { readOrganization } from "./organization-access";

/**
 * What an organization has used in its budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function organizationUsage(
  ctx: ServiceContext,
  input: z.input<typeof OrganizationId>,
): Promise<ScopeUsage> {
  const { id } = parseInput(OrganizationId, input);
  return scopeUsage(ctx.db, "organization", await readOrganization(ctx.db, ctx.actor, id));
}
