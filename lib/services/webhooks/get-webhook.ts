import { z } from "zod";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { toWebhook, Webhook } from "./webhook";
import { readWebhook } from "./webhook-access";

export const WebhookId = z.strictObject({ id: idField("webhook") });

/** @throws ServiceError "not_found" if there is none that the actor may see */
export const getWebhook = verb({
  role: "org_admin",
  input: WebhookId,
  output: Webhook,
  run: async (ctx, { id }) => toWebhook(await readWebhook(ctx.db, ctx.actor, id)),
});
