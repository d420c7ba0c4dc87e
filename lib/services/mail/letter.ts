import type { EventType, events } from "#lib/db/schema/events";
import { describeEvent } from "#lib/services/events/describe-event";

const SUBJECTS: Readonly<Record<EventType, string>> = {
  "budget.threshold": "A budget has reached its soft limit",
  "budget.exhausted": "A budget is spent",
  "payment.expiring": "A payment ends soon",
  "payment.expired": "A payment has expired",
  "key.expiring": "A key expires soon",
  "target.down": "A target is down",
  "target.up": "A target is up again",
  "webhook.disabled": "A webhook was disabled",
};

type Text = { subject: string; text: string };

/** The mail that tells of an event. */
export const eventText = (
  event: Pick<typeof events.$inferSelect, "type" | "data">,
  portalUrl: string | null,
): Text => ({
  subject: `[Tollgate] ${SUBJECTS[event.type]}`,
  text: [describeEvent(event), ...(portalUrl === null ? [] : [portalUrl])].join("\n\n"),
});

/** The mail with the link of an invite. */
export const invitationText = (link: string, organizationName: string | null): Text => ({
  subject: `Join ${organizationName ?? "Tollgate"}`,
  text: [
    `You are invited to ${organizationName === null ? "administer Tollgate" : `join ${organizationName} on Tollgate`}.`,
    `Open this link within 72 hours to accept. It works once:\n${link}`,
    "If you did not expect this, ignore it.",
  ].join("\n\n"),
});
