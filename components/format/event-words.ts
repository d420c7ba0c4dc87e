import type { Webhook } from "#lib/services/webhooks/webhook";

/** What a webhook can be told of. */
export type EventType = Webhook["events"][number];

const WORDS = {
  "budget.threshold": "A budget is nearly spent",
  "budget.exhausted": "A budget is spent",
  "payment.expiring": "A payment ends within a week",
  "payment.expired": "A payment has ended",
  "key.expiring": "A key expires within a week",
  "target.down": "A provider’s model is down",
  "target.up": "A provider’s model is up again",
  "webhook.disabled": "A webhook was disabled",
} as const satisfies Record<EventType, string>;

const isEventType = (name: string): name is EventType => Object.hasOwn(WORDS, name);

/** What happens to all organizations: an organization's webhook is not told of it. */
const OF_INSTALLATION: ReadonlySet<EventType> = new Set(["target.down", "target.up"]);

/** The events that a webhook can get, in words. */
export const eventChoices = (isOfOrganization: boolean) =>
  Object.keys(WORDS)
    .filter(isEventType)
    .filter((type) => !isOfOrganization || !OF_INSTALLATION.has(type))
    .map((value) => ({ value, label: WORDS[value] }));

/** What an event says happened. */
export const eventWords = (type: EventType | "webhook.test"): string =>
  type === "webhook.test" ? "A test" : WORDS[type];
