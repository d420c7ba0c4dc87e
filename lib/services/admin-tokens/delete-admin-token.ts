import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { adminTokens } from "#lib/db/schema/identity";
import { notFound } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { adminTokenColumns, toAdminToken } from "./admin-token";
import { visibleTokens } from "./admin-token-access";

/**
 * Deletes an admin token, which stops working at once on every replica. A token may delete itself.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const deleteAdminToken = verb({
  role: "org_admin",
  input: z.strictObject({ id: idField("admin token") }),
  output: z.void(),
  run: async (ctx, { id }) => {
    await ctx.db.transaction(async (tx) => {
      const [deleted] = await tx
        .delete(adminTokens)
        .where(and(eq(adminTokens.id, id), visibleTokens(ctx.actor)))
        .returning(adminTokenColumns);
      if (deleted === undefined) throw notFound("admin token");
      await recordAudit(tx, ctx, {
        action: "admin_token.delete",
        subjectType: "admin_token",
        subjectId: id,
        organizationId: deleted.organizationId,
        before: toAdminToken(deleted),
      });
    });
  },
});
