import { eq } from "drizzle-orm";
import { z } from "zod";
import { apps } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import { verb } from "#lib/services/verb";
import { lockApp } from "./app-access";
import { auditedApp } from "./app-audit";
import { AppId } from "./get-app";

/**
 * Deletes an app, which stops working at once. The ledger keeps its usage under its id.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const deleteApp = verb({
  role: "org_admin",
  input: AppId,
  output: z.void(),
  run: (ctx, { id }) =>
    ctx.db.transaction(async (tx) => {
      const row = await lockApp(tx, ctx.actor, id);
      await tx.delete(apps).where(eq(apps.id, id));
      await recordAudit(tx, ctx, {
        action: "app.delete",
        ...auditedApp(row),
      });
    }),
});
