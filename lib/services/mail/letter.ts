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
  text: withPortal(describeEvent(event), portalUrl),
});

/** The mail with the link to a new password. The organization tells apart accounts with one address. */
export const resetText = (link: string, organizationName: string | null): Text => ({
  subject: "[Tollgate] Set a new password",
  text: [
    `A new password was asked for: for your account ${organizationName === null ? "at Tollgate" : `of ${organizationName} at Tollgate`}.`,
    `Open this link within 30 minutes to choose one. It works once:\n${link}`,
    "If you did not ask for it, ignore this: your password stays as it is.",
  ].join("\n\n"),
});

/** The mail that tells a person of a new password. */
export const passwordChangedText = (portalUrl: string | null): Text => ({
  subject: "[Tollgate] Your password was changed",
  text: withPortal(
    "The password of your account at Tollgate was changed by a link to this address, and all other sessions have ended. If that was not you, ask for a new password and tell your administrator.",
    portalUrl,
  ),
});

/** The mail to the address that an account had. */
export const addressChangedText = (organizationName: string | null): Text => ({
  subject: "[Tollgate] Your e-mail address was changed",
  text: `An administrator changed the e-mail address of your account ${organizationName === null ? "at Tollgate" : `of ${organizationName} at Tollgate`}. You sign in with the new one from now on, and links to a new password go there. If you did not expect this, tell your administrator.`,
});

const withPortal = (text: string, portalUrl: string | null): string =>
  [text, ...(portalUrl === null ? [] : [portalUrl])].join("\n\n");

/** The mail with the link of an invite. */
export const invitationText = (link: string, organizationName: string | null): Text => ({
  subject: `Join ${organizationName ?? "Tollgate"}`,
  text: [
    `You are invited to ${organizationName === null ? "administer Tollgate" : `join ${organizationName} on Tollgate`}.`,
    `Open this link within 72 hours to accept. It works once:\n${link}`,
    "If you did not expect this, ignore it.",
  ].join("\n\n"),
});
