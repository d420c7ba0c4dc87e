import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns";
import type { EventType } from "./events";
import { organizations } from "./identity";

export const webhookFormat = pgEnum("webhook_format", ["standard", "slack"]);
export const disabledReason = pgEnum("webhook_disabled_reason", ["failing", "gone", "manual"]);
export const deliveryStatus = pgEnum("delivery_status", ["pending", "delivered", "failed"]);

/** Where events are sent. */
export const webhooks = pgTable(
  "webhooks",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Null: gets the installation's and every organization's events. */
    organizationId: uuid().references(() => organizations.id, { onDelete: "cascade" }),
    url: text().notNull(),
    events: text().array().$type<EventType[]>().notNull(),
    format: webhookFormat().notNull(),
    /** The secret that signs, sealed. */
    secret: bytea().notNull(),
    /** The secret before the last rotation, sealed, which signs too until its grace period ends. */
    previousSecret: bytea("previous_secret"),
    previousSecretExpiresAt: instant(),
    disabledAt: instant(),
    disabledReason: disabledReason(),
    /** Since when every attempt has failed. */
    failingSince: instant(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [index("webhooks_organization").on(t.organizationId, t.createdAt)],
);

/** An event on its way to a webhook, with the last attempt. The event is copied: an endpoint's test has no other row. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    id: uuid().primaryKey().defaultRandom(),
    webhookId: uuid()
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    eventId: uuid().notNull(),
    type: text().$type<EventType | "webhook.test">().notNull(),
    eventAt: instant().notNull(),
    data: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    status: deliveryStatus().notNull().default("pending"),
    attempts: integer().notNull().default(0),
    /**
     * When the next attempt is due. A process that makes one moves this to the end of its lease first: if the process
     * dies, another one makes the attempt again. The count of attempts tells a late result from the current one.
     */
    nextAttemptAt: instant().notNull().defaultNow(),
    lastAttemptAt: instant(),
    httpStatus: integer(),
    error: text(),
    latencyMs: integer(),
    /** How the receiver's answer began. */
    responseExcerpt: text(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("webhook_deliveries_once").on(t.webhookId, t.eventId),
    index("webhook_deliveries_webhook").on(t.webhookId, t.createdAt, t.id),
    index("webhook_deliveries_due").on(t.nextAttemptAt).where(sql`${t.status} = 'pending'`),
  ],
);
