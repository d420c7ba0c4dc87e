import { eq } from "drizzle-orm";
import { z } from "zod";
import { webhooks } from "#lib/db/schema/webhooks";
import { recordAudit } from "#lib/services/audit/record-audit";
import { verb } from "#lib/services/verb";
import { WebhookId } from "./get-webhook";
import { auditedWebhook, lockWebhook } from "./webhook-access";

/**
 * Deletes a webhook with its deliveries. What is on its way is no longer sent.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const deleteWebhook = verb({
  role: "org_admin",
  input: WebhookId,
  output: z.void(),
  run: (ctx, { id }) =>
    ctx.db.transaction(async (tx) => {
      const row = await lockWebhook(tx, ctx.actor, id);
      await tx.delete(webhooks).where(eq(webhooks.id, id));
      await recordAudit(tx, ctx, { action: "webhook.delete", ...auditedWebhook(row) });
    }),
});
