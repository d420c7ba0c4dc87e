import type { z } from "zod";
import type { ServiceContext } from "#lib/services/context";
import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/services/organizations/with-organization-names";
import type { Page } from "#lib/services/page";
import { type RunningSpend, withRunningSpend } from "#lib/services/usage/running-spend";
import { type ListUsersQuery, listUsers } from "./list-users";
import type { User } from "./user";

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
