import { z } from "zod";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { Organization, toOrganization } from "./organization";
import { readOrganization } from "./organization-access";

export const OrganizationId = z.strictObject({ id: idField("organization") });

/** @throws ServiceError "not_found" if there is none that the actor may see */
export const getOrganization = verb({
  role: "viewer",
  input: OrganizationId,
  output: Organization,
  run: async (ctx, { id }) => {
    return toOrganization(await readOrganization(ctx.db, ctx.actor, id));
  },
});
