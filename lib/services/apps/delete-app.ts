import { eq } from "drizzle-orm";
import type { z } from "zod";
import { apps } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { toApp } from "./app";
import { lockApp } from "./app-access";
import { AppId } from "./get-app";

/**
 * Deletes an app, which ends with its next request. What it has used stays in the ledger, under its id.
 * @throws ServiceError "not_found" (none that the actor may see), "forbidden"
 */
export async function deleteApp(ctx: ServiceContext, input: z.input<typeof AppId>): Promise<void> {
  const { id } = parseInput(AppId, input);
  await ctx.db.transaction(async (tx) => {
    const row = await lockApp(tx, ctx.actor, id);
    await tx.delete(apps).where(eq(apps.id, id));
    await recordAudit(tx, ctx, {
      action: "app.delete",
      subjectType: "app",
      subjectId: id,
      organizationId: row.organizationId,
      before: toApp(row),
    });
  });
}
