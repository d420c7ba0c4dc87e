import { eq } from "drizzle-orm";
import { z } from "zod";
import { apiKeys } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import { verb } from "#lib/services/verb";
import { KeyId } from "./get-key";
import { keyRecord } from "./key";
import { requireMayManageKey } from "./key-access";
import { lockKey } from "./key-rows";

/**
 * Deletes a key, which stops working at once. The ledger keeps its usage under its id.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden"
 */
export const deleteKey = verb({
  role: "member",
  input: KeyId,
  output: z.void(),
  run: async (ctx, { id }) => {
    await ctx.db.transaction(async (tx) => {
      const row = await lockKey(tx, ctx.actor, id);
      requireMayManageKey(ctx.actor, row, "delete");
      await tx.delete(apiKeys).where(eq(apiKeys.id, id));
      await recordAudit(tx, ctx, {
        action: "api_key.delete",
        subjectType: "api_key",
        subjectId: id,
        organizationId: row.organizationId,
        before: keyRecord(row, new Date()),
      });
    });
  },
});
