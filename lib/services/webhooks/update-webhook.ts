import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { webhooks } from "#lib/db/schema/webhooks";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { toWebhook, Webhook, type WebhookRow, webhookFields } from "./webhook";
import { auditedWebhook, lockWebhook } from "./webhook-access";
import { checkedWebhookUrl } from "./webhook-url";

const UpdateWebhookInput = z.strictObject({
  id: idField("webhook"),
  url: webhookFields.url.optional(),
  events: webhookFields.events.optional(),
  format: webhookFields.format.optional(),
  enabled: z
    .boolean()
    .optional()
    .describe("A disabled webhook gets no new events. Enabled again, it gets those that were on their way."),
});

/**
 * Updates the given fields.
 * @throws ServiceError "not_found", "invalid" for a URL that it may not be sent to
 */
export const updateWebhook = verb({
  role: "org_admin",
  input: UpdateWebhookInput,
  output: Webhook,
  run: (ctx, { id, ...changes }) =>
    ctx.db.transaction(async (tx) => {
      const row = await lockWebhook(tx, ctx.actor, id);
      const columns = columnsOf(row, changes, ctx.config.ALLOW_PRIVATE_WEBHOOKS);
      const before = toWebhook(row);
      const after = toWebhook({ ...row, ...columns });
      if (isDeepStrictEqual(before, after)) return before;
      await tx.update(webhooks).set(columns).where(eq(webhooks.id, id));
      await recordAudit(tx, ctx, { action: "webhook.update", ...auditedWebhook(row), after });
      return after;
    }),
});

type Changes = Omit<z.output<typeof UpdateWebhookInput>, "id">;

function columnsOf(row: WebhookRow, { url, events, format, enabled }: Changes, allowPrivate: boolean) {
  return {
    ...(url === undefined ? {} : { url: checkedWebhookUrl(url, allowPrivate) }),
    ...(events === undefined ? {} : { events: [...new Set(events)] }),
    ...(format === undefined ? {} : { format }),
    ...(enabled === true ? { disabledAt: null, disabledReason: null, failingSince: null } : {}),
    ...(enabled === false && row.disabledAt === null
      ? { disabledAt: new Date(), disabledReason: "manual" as const }
      : {}),
  };
}
