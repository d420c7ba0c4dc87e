import { and, eq, gt, isNull, lte, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { attemptDelivery, type Sending } from "./attempt-delivery";

/** How long an attempt may take before another process makes it again: well over its time limit. */
export const LEASE_MS = 60_000;
/** At once to one webhook. */
const CONCURRENCY = 4;
/** At once in a run: a webhook that stalls takes a place for ten seconds. */
const WEBHOOKS_AT_ONCE = 16;

/**
 * Makes the attempts that are due, until none is or the time is up. Replicas share the work: each attempt is claimed by one.
 * @returns how many were made
 */
export async function deliverWebhooks(db: Db, sending: Sending, timeLimitMs: number): Promise<number> {
  const deadline = performance.now() + timeLimitMs;
  await endInterruptedTests(db, sending.now());
  const due = await dueWebhooks(db, sending.now());
  let attempts = 0;
  const work = async () => {
    for (let id = due.shift(); id !== undefined && performance.now() < deadline; id = due.shift()) {
      attempts += await deliverTo(db, id, sending, deadline);
    }
  };
  await Promise.all(Array.from({ length: WEBHOOKS_AT_ONCE }, work));
  return attempts;
}

const isDue = (now: Date) =>
  and(eq(webhookDeliveries.status, "pending"), lte(webhookDeliveries.nextAttemptAt, now));

/** A test is tried once, so one whose process died has failed. */
async function endInterruptedTests(db: Db, now: Date): Promise<void> {
  await db
    .update(webhookDeliveries)
    .set({ status: "failed", error: "The process ended before the attempt did." })
    .where(and(isDue(now), eq(webhookDeliveries.type, "webhook.test"), gt(webhookDeliveries.attempts, 0)));
}

async function dueWebhooks(db: Db, now: Date): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: webhookDeliveries.webhookId })
    .from(webhookDeliveries)
    .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
    .where(and(isDue(now), isNull(webhooks.disabledAt)));
  return rows.map(({ id }) => id);
}

/** Stops at a failure: the webhook is tried again by the next run, so that others are not kept waiting. */
async function deliverTo(db: Db, id: string, sending: Sending, deadline: number): Promise<number> {
  let attempts = 0;
  while (performance.now() < deadline) {
    const [webhook] = await db
      .select()
      .from(webhooks)
      .where(and(eq(webhooks.id, id), isNull(webhooks.disabledAt)));
    if (webhook === undefined) break;
    const claimed = await claim(db, id, sending.now());
    if (claimed.length === 0) break;
    const ended = await Promise.all(
      claimed.map((delivery) => attemptDelivery(db, { webhook, delivery }, sending)),
    );
    attempts += ended.length;
    if (ended.some(({ status }) => status !== "delivered")) break;
  }
  return attempts;
}

/** Takes the next deliveries of a webhook for the time of an attempt. */
async function claim(db: Db, webhookId: string, now: Date) {
  const due = sql`(
    select ${webhookDeliveries.id} from ${webhookDeliveries}
    where ${webhookDeliveries.webhookId} = ${webhookId} and ${webhookDeliveries.status} = 'pending'
      and ${webhookDeliveries.nextAttemptAt} <= ${now.toISOString()}::timestamptz
    order by ${webhookDeliveries.nextAttemptAt} limit ${CONCURRENCY} for update skip locked)`;
  return db
    .update(webhookDeliveries)
    .set({
      attempts: sql`${webhookDeliveries.attempts} + 1`,
      nextAttemptAt: new Date(now.getTime() + LEASE_MS),
    })
    .where(sql`${webhookDeliveries.id} in ${due}`)
    .returning();
}
