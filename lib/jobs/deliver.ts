import { config } from "#lib/config/config";
import { controlDb, type Db } from "#lib/db/client";
import { dispatchEvents } from "#lib/services/events/dispatch-events";
import { deliverMail } from "#lib/services/mail/deliver-mail";
import { issueResets } from "#lib/services/mail/issue-resets";
import { mailTransport } from "#lib/services/mail/mail-transport";
import { deliverWebhooks } from "#lib/services/webhooks/deliver-webhooks";
import { withWebhookAgent } from "#lib/services/webhooks/webhook-agent";

/** With the last attempt, less than a process drains and a function on Vercel may run. */
const TIME_LIMIT_MS = 15_000;

/** What a run has done. */
export type Delivered = {
  /** New events given to those who are told of them. */
  events: number;
  /** Attempts to deliver, whether or not they succeeded. */
  webhook_attempts: number;
  /** Mail that the server has taken. */
  mails: number;
};

const chance = { now: () => new Date(), random: Math.random };

/** Sends what has happened, and what is due again, to webhooks and by mail. Safe to repeat and to run on several replicas. */
export async function deliver(db: Db = controlDb(), settings = config()): Promise<Delivered> {
  const events = await dispatchEvents(db, { withMail: settings.SMTP_URL !== undefined });
  const [webhook_attempts, mails] = await Promise.all([
    withWebhookAgent(settings, (agent) =>
      deliverWebhooks(db, { agent, keys: settings, ...chance }, TIME_LIMIT_MS),
    ),
    sendMail(db, settings),
  ]);
  return { events, webhook_attempts, mails };
}

async function sendMail(db: Db, settings: ReturnType<typeof config>): Promise<number> {
  const transport = mailTransport(settings);
  if (transport === null) return 0;
  const portalUrl = settings.NEXTAUTH_URL ?? null;
  try {
    await issueResets(db, { keys: settings });
    return await deliverMail(db, { transport, keys: settings, portalUrl, ...chance }, TIME_LIMIT_MS);
  } finally {
    transport.close();
  }
}
