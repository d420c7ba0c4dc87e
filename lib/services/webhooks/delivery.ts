import { z } from "zod";
import { EVENT_TYPES } from "#lib/db/schema/events";
import { deliveryStatus, type webhookDeliveries } from "#lib/db/schema/webhooks";
import { instantField } from "#lib/services/fields";

/** An event on its way to a webhook, in the shape of the API. */
export const Delivery = z
  .object({
    id: z.uuid(),
    webhook_id: z.uuid(),
    event_id: z.uuid().describe("Sent as `webhook-id`, the same with every attempt."),
    type: z.enum([...EVENT_TYPES, "webhook.test"]),
    status: z
      .enum(deliveryStatus.enumValues)
      .describe(
        "`pending`: another attempt follows. `failed`: all attempts failed (a test has one), or it answered 410.",
      ),
    attempts: z.int(),
    created_at: instantField,
    last_attempt_at: instantField.nullable(),
    next_attempt_at: instantField.nullable(),
    http_status: z.int().nullable().describe("The status of the last answer; null without one."),
    latency_ms: z.int().nullable(),
    error: z.string().nullable().describe("Why the last attempt failed."),
    response: z.string().nullable().describe("How the last answer began, up to 1 KiB."),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "WebhookDelivery" });
export type Delivery = z.output<typeof Delivery>;

export const toDelivery = (row: typeof webhookDeliveries.$inferSelect): Delivery => ({
  id: row.id,
  webhook_id: row.webhookId,
  event_id: row.eventId,
  type: row.type,
  status: row.status,
  attempts: row.attempts,
  created_at: row.createdAt.toISOString(),
  last_attempt_at: row.lastAttemptAt?.toISOString() ?? null,
  next_attempt_at: row.status === "pending" ? row.nextAttemptAt.toISOString() : null,
  http_status: row.httpStatus,
  latency_ms: row.latencyMs,
  error: row.error,
  response: row.responseExcerpt,
  data: row.data,
});
