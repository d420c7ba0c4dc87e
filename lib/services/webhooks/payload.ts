import type { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { describeEvent } from "#lib/services/events/describe-event";

type Sent = Pick<typeof webhookDeliveries.$inferSelect, "type" | "eventAt" | "data">;

/** The body of an event in a webhook's format, the same with every attempt. */
export function payloadOf(
  { type, eventAt, data }: Sent,
  format: (typeof webhooks.$inferSelect)["format"],
): string {
  if (format === "standard") return JSON.stringify({ type, timestamp: eventAt.toISOString(), data });
  const text = slackText(type === "webhook.test" ? TEST_MESSAGE : describeEvent({ type, data }));
  return JSON.stringify({ text, blocks: [{ type: "section", text: { type: "mrkdwn", text } }] });
}

/** What the event of a test says. */
export const TEST_MESSAGE = "This is a test of a webhook of Tollgate.";

/** Slack reads these three as markup: names must not become links or mentions. */
const slackText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
