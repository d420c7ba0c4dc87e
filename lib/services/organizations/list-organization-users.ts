import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { createdPageQuery } from "#lib/services/created-page";
import { idField } from "#lib/services/fields";
import type { Page } from "#lib/services/page";
import { listUsers } from "#lib/services/users/list-users";
import type { User } from "#lib/services/users/user";
import { readOrganization } from "./organization-access";

export const ListOrganizationUsersQuery = z.strictObject({
  id: idField("organization"),
  ...createdPageQuery,
});

/**
 * The users of an organization, newest first.
 * @throws ServiceError "invalid", "not_found" (no organization that the actor may see)
 */
export async function listOrganizationUsers(
  ctx: ServiceContext,
  input: z.input<typeof ListOrganizationUsersQuery>,
): Promise<Page<User>> {
  const { id, ...page } = parseInput(ListOrganizationUsersQuery, input);
  await readOrganization(ctx.db, ctx.actor, id);
  return listUsers(ctx, { ...page, organization_id: id });
}
