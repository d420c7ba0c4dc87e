import { z } from "zod";
import type { EventType, events } from "#lib/db/schema/events";

const SCOPES = { organization: "organization", user: "user", api_key: "key", app: "app" } as const;

const BudgetData = z.object({
  scope: z.object({ type: z.enum(["organization", "user", "api_key", "app"]), name: z.string() }),
  period: z.enum(["day", "week", "month", "total"]),
  limit_usd: z.string(),
  percent: z.number(),
  spent_usd: z.string(),
});

const PaymentData = z.object({
  email: z.string().nullable(),
  /** Absent in events of earlier versions. */
  external_id: z.string().nullish(),
  name: z.string().nullable(),
  payment_valid_until: z.string(),
});

const KeyData = z.object({ name: z.string(), key_prefix: z.string(), expires_at: z.string() });

const WebhookData = z.object({ host: z.string(), reason: z.enum(["failing", "gone"]) });

const TargetData = z.object({ provider: z.string(), upstream_model: z.string() });

const targetText = (data: unknown): string => {
  const { provider, upstream_model } = TargetData.parse(data);
  return `${provider}/${upstream_model}`;
};

const budgetText = ({
  scope,
  period,
  limit_usd,
  percent,
  spent_usd,
}: z.output<typeof BudgetData>): string => {
  const budget = `$${limit_usd}${period === "total" ? " in total" : ` a ${period}`}`;
  const share = percent === 100 ? "its budget" : `${percent} % of its budget`;
  return `The ${SCOPES[scope.type]} "${scope.name}" has spent ${share} of ${budget}: $${spent_usd}.`;
};

const whose = ({ name, email, external_id }: z.output<typeof PaymentData>) =>
  name ?? email ?? external_id ?? "a user";

const TEXTS: Readonly<Record<EventType, (data: unknown) => string>> = {
  "budget.threshold": (data) => budgetText(BudgetData.parse(data)),
  "budget.exhausted": (data) => budgetText(BudgetData.parse(data)),
  "payment.expiring": (data) => {
    const payment = PaymentData.parse(data);
    return `The payment of ${whose(payment)} is valid until ${payment.payment_valid_until}.`;
  },
  "payment.expired": (data) => {
    const payment = PaymentData.parse(data);
    return `The payment of ${whose(payment)} expired after ${payment.payment_valid_until}.`;
  },
  "key.expiring": (data) => {
    const { name, key_prefix, expires_at } = KeyData.parse(data);
    return `The key "${name}" (${key_prefix}…) expires at ${expires_at.slice(0, 16).replace("T", " ")} UTC.`;
  },
  "target.down": (data) => `The target ${targetText(data)} is down.`,
  "target.up": (data) => `The target ${targetText(data)} is up again.`,
  "webhook.disabled": (data) => {
    const { host, reason } = WebhookData.parse(data);
    const why = reason === "gone" ? "it answered 410 Gone" : "all deliveries failed for five days";
    return `The webhook to ${host} was disabled: ${why}.`;
  },
};

/** One sentence that says what happened, for notices, mail and chat. */
export const describeEvent = ({ type, data }: Pick<typeof events.$inferSelect, "type" | "data">): string =>
  TEXTS[type](data);
