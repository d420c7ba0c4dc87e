import { type WithNameAndSpend, withNameAndSpend } from "#lib/portal/usage/name-and-spend";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import { listUsers } from "#lib/services/users/list-users";
import type { User } from "#lib/services/users/user";
import type { InputOf } from "#lib/services/verb";

export type UserTableRow = User & WithNameAndSpend;

/**
 * Lists the users that the actor may see, newest first.
 * @throws ServiceError "invalid"
 */
export const userTable = async (
  ctx: ServiceContext,
  query: InputOf<typeof listUsers>,
): Promise<Page<UserTableRow>> => withNameAndSpend(ctx, await listUsers(ctx, query));
