import { and, eq, getTableColumns } from "drizzle-orm";
import { z } from "zod";
import { deliveryStatus, webhookDeliveries } from "#lib/db/schema/webhooks";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { idField } from "#lib/services/fields";
import { equals } from "#lib/services/owners";
import { pageOf } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { Delivery, toDelivery } from "./delivery";
import { readWebhook } from "./webhook-access";

/**
 * The deliveries of a webhook, newest first.
 * @throws ServiceError "not_found" if there is no webhook that the actor may see
 */
export const listDeliveries = verb({
  role: "org_admin",
  input: z.strictObject({
    id: idField("webhook"),
    status: z.enum(deliveryStatus.enumValues).optional(),
    ...createdPageQuery,
  }),
  output: pageOf(Delivery),
  run: async (ctx, { id, status, limit, cursor }) => {
    await readWebhook(ctx.db, ctx.actor, id);
    const page = createdPage(webhookDeliveries, { limit, cursor });
    const query = ctx.db
      .select({ ...getTableColumns(webhookDeliveries), createdMicros: page.createdMicros })
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.webhookId, id), equals(webhookDeliveries.status, status), page.after));
    return page.read(query, toDelivery);
  },
});
