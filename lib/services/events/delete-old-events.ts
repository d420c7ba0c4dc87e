import { and, inArray, isNotNull, lt, ne, or } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { mails } from "#lib/db/schema/mail";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { DAYS_AHEAD } from "./raise-expiring-events";

const DAY_MS = 86_400_000;

/** What happens once is known by its event: one that is deleted before the date that it is about would be told again. */
const LEAST_DAYS = DAYS_AHEAD + 1;

/**
 * Deletes events older than `days`, at least eight, and deliveries and mail, except what is still on its way.
 * @returns the number of events
 */
export async function deleteOldEvents(db: Db, days: number, now: Date = new Date()): Promise<number> {
  const before = new Date(now.getTime() - Math.max(days, LEAST_DAYS) * DAY_MS);
  const disabled = db.select({ id: webhooks.id }).from(webhooks).where(isNotNull(webhooks.disabledAt));
  const hasEnded = or(
    ne(webhookDeliveries.status, "pending"),
    inArray(webhookDeliveries.webhookId, disabled),
  );
  await db.delete(webhookDeliveries).where(and(lt(webhookDeliveries.createdAt, before), hasEnded));
  await db.delete(mails).where(and(lt(mails.createdAt, before), ne(mails.status, "pending")));
  const { count } = await db.delete(events).where(lt(events.createdAt, before));
  return count;
}
