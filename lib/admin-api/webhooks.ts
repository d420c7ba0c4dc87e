import { createWebhook } from "#lib/services/webhooks/create-webhook";
import { deleteWebhook } from "#lib/services/webhooks/delete-webhook";
import { getWebhook } from "#lib/services/webhooks/get-webhook";
import { listDeliveries } from "#lib/services/webhooks/list-deliveries";
import { listWebhooks } from "#lib/services/webhooks/list-webhooks";
import { replayDelivery } from "#lib/services/webhooks/replay-delivery";
import { rotateWebhook } from "#lib/services/webhooks/rotate-webhook";
import { testWebhook } from "#lib/services/webhooks/test-webhook";
import { updateWebhook } from "#lib/services/webhooks/update-webhook";
import { type Operation, operation } from "./operation";

const tag = "Events";

export const webhookOperations: readonly Operation[] = [
  operation("POST /webhooks", createWebhook, {
    tag,
    summary: "Create a webhook",
    description:
      "Events are sent as `{type, timestamp, data}`, signed as [Standard Webhooks](https://www.standardwebhooks.com) describes, with the secret that only this answer has. An attempt succeeds with a status of 2xx within ten seconds; others are repeated nine times within about three days under the same `webhook-id`. Private addresses are rejected unless `ALLOW_PRIVATE_WEBHOOKS` is set.",
  }),
  operation("GET /webhooks", listWebhooks, { tag, summary: "List webhooks" }),
  operation("GET /webhooks/{id}", getWebhook, { tag, summary: "Get a webhook" }),
  operation("PATCH /webhooks/{id}", updateWebhook, {
    tag,
    summary: "Update a webhook",
    description:
      "Fields that are left out keep their values. `enabled: true` enables one again that was disabled since it answered 410 or failed for five days.",
  }),
  operation("DELETE /webhooks/{id}", deleteWebhook, { tag, summary: "Delete a webhook" }),
  operation("POST /webhooks/{id}/rotate", rotateWebhook, {
    tag,
    summary: "Rotate a webhook's secret",
    description:
      "Creates a new secret. For another `grace_seconds` (a day, unless you say otherwise) deliveries have two signatures, with the new and with the old secret.",
    idempotent: true,
  }),
  operation("POST /webhooks/{id}/test", testWebhook, {
    tag,
    summary: "Test a webhook",
    description: "Sends it an event `webhook.test` now, once, and answers how that ended.",
  }),
  operation("GET /webhooks/{id}/deliveries", listDeliveries, {
    tag,
    summary: "List a webhook's deliveries",
    description: "Newest first, each with its last attempt. Kept for `LOG_RETENTION_DAYS`.",
  }),
  operation("POST /webhooks/deliveries/{id}/replay", replayDelivery, {
    tag,
    summary: "Send an event again",
    description: "Under its own id, with all attempts anew.",
  }),
];
