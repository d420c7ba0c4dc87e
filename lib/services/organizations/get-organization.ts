import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { type Organization, toOrganization } from "./organization";
import { readOrganization } from "./organization-access";

export const OrganizationId = z.strictObject({ id: idField("organization") });

/**
 * One organization.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function getOrganization(
  ctx: ServiceContext,
  input: z.input<typeof OrganizationId>,
): Promise<Organization> {
  const { id } = parseInput(OrganizationId, input);
  return toOrganization(await readOrganization(ctx.db, ctx.actor, id));
}
