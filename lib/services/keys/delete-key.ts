import { eq } from "drizzle-orm";
import type { z } from "zod";
import { apiKeys } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { KeyId } from "./get-key";
import { keyRecord } from "./key";
import { lockKey } from "./key-rows";
import { requireMayManageKey } from "./may-manage";

/**
 * Deletes a key, which ends with its next request. What it has used stays in the ledger, under its id.
 * @throws ServiceError "not_found" (none that the actor may see), "forbidden"
 */
export async function deleteKey(ctx: ServiceContext, input: z.input<typeof KeyId>): Promise<void> {
  const { id } = parseInput(KeyId, input);
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
}
