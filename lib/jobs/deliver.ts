import { config } from "#lib/config/config";
import { controlDb, type Db } from "#lib/db/client";
import { deliverWebhooks } from "#lib/services/webhooks/deliver-webhooks";
import { dispatchEvents } from "#lib/services/webhooks/dispatch-events";
import { withWebhookAgent } from "#lib/services/webhooks/webhook-agent";

/** With the last attempt, less than a process drains and a function on Vercel may run. */
const TIME_LIMIT_MS = 15_000;

/** What a run has done. */
export type Delivered = {
  /** New events given to the webhooks that want them. */
  events: number;
  /** Attempts to deliver, whether or not they succeeded. */
  webhook_attempts: number;
};

/** Sends what has happened, and what is due again, to webhooks. Safe to repeat and to run on several replicas. */
export async function deliver(db: Db = controlDb(), settings = config()): Promise<Delivered> {
  const events = await dispatchEvents(db);
  const webhook_attempts = await withWebhookAgent(settings, (agent) =>
    deliverWebhooks(db, { agent, keys: settings, now: () => new Date(), random: Math.random }, TIME_LIMIT_MS),
  );
  return { events, webhook_attempts };
}
