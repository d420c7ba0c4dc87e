import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { notFound, ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { Delivery, toDelivery } from "./delivery";
import { visibleWebhooks } from "./webhook-access";

/**
 * Sends an event again, under its id, with all attempts anew. The next delivery run makes the first.
 * @throws ServiceError "not_found" if there is no delivery to a webhook that the actor may see, "conflict" if that is
 * disabled
 */
export const replayDelivery = verb({
  role: "org_admin",
  input: z.strictObject({ id: idField("delivery") }),
  output: Delivery,
  run: (ctx, { id }) =>
    ctx.db.transaction(async (tx) => {
      const [found] = await tx
        .select({
          disabledAt: webhooks.disabledAt,
          webhookId: webhooks.id,
          organizationId: webhooks.organizationId,
        })
        .from(webhookDeliveries)
        .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
        .where(and(eq(webhookDeliveries.id, id), visibleWebhooks(ctx.actor)))
        .for("update", { of: webhookDeliveries });
      if (found === undefined) throw notFound("delivery");
      if (found.disabledAt !== null) {
        throw new ServiceError("conflict", "The webhook is disabled: enable it first.");
      }
      const [row] = await tx
        .update(webhookDeliveries)
        .set({ status: "pending", attempts: 0, nextAttemptAt: new Date() })
        .where(eq(webhookDeliveries.id, id))
        .returning();
      if (row === undefined) throw new Error("the locked delivery was not updated");
      await recordAudit(tx, ctx, {
        action: "webhook.replay",
        subjectType: "webhook",
        subjectId: found.webhookId,
        organizationId: found.organizationId,
        after: { delivery_id: id, event_id: row.eventId, type: row.type },
      });
      return toDelivery(row);
    }),
});
