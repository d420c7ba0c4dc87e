import { z } from "zod";
import { EVENT_TYPES } from "#lib/db/schema/events";
import { disabledReason, webhookFormat, type webhooks } from "#lib/db/schema/webhooks";
import { instantField } from "#lib/services/fields";

/** Where events are sent, in the shape of the API, without its secret. */
export const Webhook = z
  .object({
    id: z.uuid(),
    url: z.string(),
    events: z.array(z.enum(EVENT_TYPES)),
    organization_id: z
      .uuid()
      .nullable()
      .describe("Null: of the installation, with every organization's events."),
    format: z.enum(webhookFormat.enumValues),
    enabled: z.boolean(),
    disabled_at: instantField.nullable(),
    disabled_reason: z
      .enum(disabledReason.enumValues)
      .nullable()
      .describe("`failing`: every delivery failed for five days. `gone`: it answered 410."),
    failing_since: instantField
      .nullable()
      .describe("Since when every delivery has failed; null if none has."),
    previous_secret_expires_at: instantField
      .nullable()
      .describe("Until when the secret from before the last rotation signs, too; null if it no longer does."),
    created_at: instantField,
  })
  .meta({ id: "Webhook" });
export type Webhook = z.output<typeof Webhook>;

/** A webhook with its secret, which only this answer has. */
export const NewWebhook = Webhook.extend({
  secret: z.string().describe("Verifies signatures, as Standard Webhooks describes. Shown only once."),
}).meta({ id: "NewWebhook" });

/** The input fields of creating a webhook; an update takes any of them. */
export const webhookFields = {
  url: z
    .string()
    .max(2000, "At most 2000 characters.")
    .describe(
      "https, or also http where the installation allows private addresses. Redirects are not followed.",
    )
    .meta({ examples: ["https://hooks.example.com/tollgate"] }),
  events: z
    .array(z.enum(EVENT_TYPES))
    .min(1, "Choose at least one event.")
    .max(EVENT_TYPES.length)
    .describe("The events to send."),
  format: z
    .enum(webhookFormat.enumValues)
    .describe(
      "`standard`: Standard Webhooks, signed. `slack`: a message for an incoming webhook of Slack or Mattermost.",
    ),
};

export type WebhookRow = Omit<typeof webhooks.$inferSelect, "secret" | "previousSecret">;

export function toWebhook(row: WebhookRow, now: Date = new Date()): Webhook {
  const { previousSecretExpiresAt: graceEnd } = row;
  return {
    id: row.id,
    url: row.url,
    events: row.events,
    organization_id: row.organizationId,
    format: row.format,
    enabled: row.disabledAt === null,
    disabled_at: row.disabledAt?.toISOString() ?? null,
    disabled_reason: row.disabledReason,
    failing_since: row.failingSince?.toISOString() ?? null,
    previous_secret_expires_at: graceEnd !== null && graceEnd > now ? graceEnd.toISOString() : null,
    created_at: row.createdAt.toISOString(),
  };
}
