import { eq } from "drizzle-orm";
import { z } from "zod";
import { adminTokens, apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { verb } from "#lib/services/verb";
import { OrganizationId } from "./get-organization";
import { toOrganization } from "./organization";
import { lockOrganization, requireAdministrator } from "./organization-access";

/**
 * Deletes an organization that has no users, with its keys, apps and admin tokens. The ledger keeps its usage.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden" except for
 * administrators, "conflict" while it has users
 */
export const deleteOrganization = verb({
  role: "org_admin",
  input: OrganizationId,
  output: z.void(),
  run: async (ctx, { id }) => {
    await ctx.db.transaction(async (tx) => {
      // Creating a user, key or app waits for this lock and then finds no organization.
      const before = toOrganization(await lockOrganization(tx, ctx.actor, id));
      requireAdministrator(ctx.actor, "delete organizations");
      const members = await tx.$count(users, eq(users.organizationId, id));
      if (members > 0) {
        const count = members === 1 ? "a user" : `${members} users`;
        throw new ServiceError("conflict", `The organization still has ${count}. Delete or move them first.`);
      }
      const keys = await tx
        .delete(apiKeys)
        .where(eq(apiKeys.organizationId, id))
        .returning({ id: apiKeys.id });
      const itsApps = await tx.delete(apps).where(eq(apps.organizationId, id)).returning({ id: apps.id });
      const tokens = await tx
        .delete(adminTokens)
        .where(eq(adminTokens.organizationId, id))
        .returning({ id: adminTokens.id });
      await tx.delete(organizations).where(eq(organizations.id, id));
      await recordAudit(tx, ctx, {
        action: "organization.delete",
        subjectType: "organization",
        subjectId: id,
        organizationId: id,
        before: {
          ...before,
          api_keys: keys.map((key) => key.id),
          apps: itsApps.map((app) => app.id),
          admin_tokens: tokens.map((token) => token.id),
        },
      });
    });
  },
});
