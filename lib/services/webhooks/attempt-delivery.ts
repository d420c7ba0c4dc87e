import { and, eq, isNull, sql } from "drizzle-orm";
import type { Dispatcher } from "undici";
import { type EncryptionKeys, SealBroken } from "#lib/config/seal";
import type { Db, Tx } from "#lib/db/client";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { disableWebhook } from "./disable-webhook";
import { payloadOf } from "./payload";
import { type Posted, postWebhook } from "./post-webhook";
import { waitAfterMs } from "./retry-schedule";
import { signatureHeaders, signingSecrets } from "./webhook-secret";

const DAY_MS = 86_400_000;
/** For so long every delivery may fail before the webhook is disabled. */
const DISABLED_AFTER_MS = 5 * DAY_MS;
const GONE = 410;

/** What an attempt needs; clock and chance are parameters of tests. */
export type Sending = {
  agent: Dispatcher;
  keys: EncryptionKeys;
  now: () => Date;
  random: () => number;
  timeoutMs?: number;
};

type WebhookRow = typeof webhooks.$inferSelect;
type DeliveryRow = typeof webhookDeliveries.$inferSelect;

/**
 * Makes the attempt that `delivery.attempts` counts, which the caller has claimed, and records how it ended. A later
 * attempt, made because this one outlived its lease, takes precedence. That of a test is not made again, and says nothing
 * about the webhook.
 * @returns the delivery as it is now
 */
export async function attemptDelivery(
  db: Db | Tx,
  { webhook, delivery }: { webhook: WebhookRow; delivery: DeliveryRow },
  sending: Sending,
): Promise<DeliveryRow> {
  const isOnly = delivery.type === "webhook.test";
  const startedAt = sending.now();
  const posted = await post(webhook, delivery, sending);
  const endedAt = sending.now();
  const isDelivered = posted.error === null;
  const isGone = posted.httpStatus === GONE;
  const waitMs = isOnly || isGone ? null : waitAfterMs(delivery.attempts, sending.random);
  const [row] = await db
    .update(webhookDeliveries)
    .set({
      ...posted,
      lastAttemptAt: startedAt,
      ...(isDelivered ? { status: "delivered" as const } : {}),
      ...(!isDelivered && waitMs === null ? { status: "failed" as const } : {}),
      ...(!isDelivered && waitMs !== null ? { nextAttemptAt: new Date(endedAt.getTime() + waitMs) } : {}),
    })
    .where(
      and(
        eq(webhookDeliveries.id, delivery.id),
        eq(webhookDeliveries.attempts, delivery.attempts),
        eq(webhookDeliveries.status, "pending"),
      ),
    )
    .returning();
  if (row !== undefined && !isOnly) await recordHealth(db, webhook, { isDelivered, isGone, at: endedAt });
  return row ?? delivery;
}

async function post(webhook: WebhookRow, delivery: DeliveryRow, sending: Sending): Promise<Posted> {
  const body = payloadOf(delivery, webhook.format);
  const { agent, keys, now, timeoutMs } = sending;
  try {
    const secrets = webhook.format === "slack" ? null : signingSecrets(webhook, keys, now());
    const headers =
      secrets === null ? {} : signatureHeaders(secrets, { id: delivery.eventId, body, now: now() });
    return await postWebhook(agent, { url: webhook.url, headers, body }, timeoutMs);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    return {
      httpStatus: null,
      error: "The secret does not open with this ENCRYPTION_KEY.",
      latencyMs: 0,
      responseExcerpt: null,
    };
  }
}

async function recordHealth(
  db: Db | Tx,
  webhook: WebhookRow,
  { isDelivered, isGone, at }: { isDelivered: boolean; isGone: boolean; at: Date },
): Promise<void> {
  if (isDelivered) {
    await db
      .update(webhooks)
      .set({ failingSince: null })
      .where(and(eq(webhooks.id, webhook.id), sql`${webhooks.failingSince} is not null`));
    return;
  }
  const [row] = await db
    .update(webhooks)
    .set({ failingSince: sql`coalesce(${webhooks.failingSince}, ${at.toISOString()}::timestamptz)` })
    .where(and(eq(webhooks.id, webhook.id), isNull(webhooks.disabledAt)))
    .returning({ failingSince: webhooks.failingSince });
  if (row === undefined) return;
  const failingForMs = at.getTime() - (row.failingSince ?? at).getTime();
  if (isGone) await disableWebhook(db, webhook.id, "gone");
  else if (failingForMs >= DISABLED_AFTER_MS) await disableWebhook(db, webhook.id, "failing");
}
