import { z } from "zod";
import { EVENT_TYPES, type events } from "#lib/db/schema/events";
import { describeEvent } from "#lib/services/events/describe-event";
import { instantField } from "#lib/services/fields";

/** An event as people read it. */
export const Notice = z
  .object({
    id: z.uuid().describe("The event's id, which webhooks send as `webhook-id`."),
    created_at: instantField,
    type: z.enum(EVENT_TYPES),
    organization_id: z.uuid().nullable().describe("Null: of the installation."),
    user_id: z.uuid().nullable().describe("The person it is about."),
    message: z.string().describe("One sentence that says what happened."),
    data: z.record(z.string(), z.unknown()).describe("As in the webhook's payload."),
    read_at: instantField.nullable().describe("When you marked it as read."),
  })
  .meta({ id: "Notice" });
export type Notice = z.output<typeof Notice>;

export const toNotice = (row: typeof events.$inferSelect & { readAt: Date | null }): Notice => ({
  id: row.id,
  created_at: row.createdAt.toISOString(),
  type: row.type,
  organization_id: row.organizationId,
  user_id: row.userId,
  message: describeEvent(row),
  data: row.data,
  read_at: row.readAt?.toISOString() ?? null,
});
