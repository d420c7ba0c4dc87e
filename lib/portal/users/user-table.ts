import type { z } from "zod";
import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/portal/organizations/with-organization-names";
import { type RunningSpend, withRunningSpend } from "#lib/portal/usage/running-spend";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import { type ListUsersQuery, listUsers } from "#lib/services/users/list-users";
import type { User } from "#lib/services/users/user";

/** A user with what a table says of them besides. */
export type UserTableRow = User & RunningSpend & WithOrganizationName;

/**
 * The users that the actor may see, newest first, with what their budgets' periods have spent.
 * @throws ServiceError "invalid"
 */
export async function userTable(
  ctx: ServiceContext,
  query: z.input<typeof ListUsersQuery>,
): Promise<Page<UserTableRow>> {
  const { data, next_cursor } = await listUsers(ctx, query);
  const named = await withOrganizationNames(ctx, data);
  return { data: await withRunningSpend(ctx.db, named), next_cursor };
}
