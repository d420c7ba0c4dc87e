import { z } from "zod";
import { createdPageQuery } from "#lib/services/created-page";
import { idField } from "#lib/services/fields";
import { pageOf } from "#lib/services/page";
import { listUsers } from "#lib/services/users/list-users";
import { User } from "#lib/services/users/user";
import { verb } from "#lib/services/verb";
import { readOrganization } from "./organization-access";

/**
 * The users of an organization, newest first.
 * @throws ServiceError "not_found" if there is no organization that the actor may see
 */
export const listOrganizationUsers = verb({
  role: "viewer",
  input: z.strictObject({
    id: idField("organization"),
    ...createdPageQuery,
  }),
  output: pageOf(User),
  run: async (ctx, { id, ...page }) => {
    await readOrganization(ctx.db, ctx.actor, id);
    return listUsers(ctx, { ...page, organization_id: id });
  },
});
