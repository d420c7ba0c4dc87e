import { randomUUID } from "node:crypto";
import { webhookDeliveries } from "#lib/db/schema/webhooks";
import { verb } from "#lib/services/verb";
import { attemptDelivery } from "./attempt-delivery";
import { LEASE_MS } from "./deliver-webhooks";
import { Delivery, toDelivery } from "./delivery";
import { WebhookId } from "./get-webhook";
import { TEST_MESSAGE } from "./payload";
import { readWebhook } from "./webhook-access";
import { withWebhookAgent } from "./webhook-agent";

/**
 * Sends a webhook an event `webhook.test` at once and says how that ended. It is tried once, also while the webhook is
 * disabled.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const testWebhook = verb({
  role: "org_admin",
  input: WebhookId,
  output: Delivery,
  run: async (ctx, { id }) => {
    const webhook = await readWebhook(ctx.db, ctx.actor, id);
    const now = new Date();
    const [delivery] = await ctx.db
      .insert(webhookDeliveries)
      .values({
        webhookId: id,
        eventId: randomUUID(),
        type: "webhook.test",
        eventAt: now,
        data: { message: TEST_MESSAGE },
        attempts: 1,
        // This call makes the only attempt; if its process dies, a delivery run says so after the lease.
        nextAttemptAt: new Date(now.getTime() + LEASE_MS),
      })
      .returning();
    if (delivery === undefined) throw new Error("the test delivery was not inserted");
    const ended = await withWebhookAgent(ctx.config, (agent) =>
      attemptDelivery(
        ctx.db,
        { webhook, delivery },
        { agent, keys: ctx.config, now: () => new Date(), random: Math.random },
      ),
    );
    return toDelivery(ended);
  },
});
