import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns";

/** What can happen that people and systems are told of. The health of targets comes with routing. */
export const EVENT_TYPES = [
  "budget.threshold",
  "budget.exhausted",
  "payment.expiring",
  "payment.expired",
  "key.expiring",
  "target.down",
  "target.up",
  "webhook.disabled",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * The outbox: what has happened, written in the transaction of its cause, so that neither exists without the other. Ids
 * are kept without references, because events outlive what they are about.
 */
export const events = pgTable(
  "events",
  {
    /** Of what happens once per threshold, period or date: the MD5 of those, so that it happens once. */
    id: uuid().primaryKey().defaultRandom(),
    createdAt: instant().notNull().defaultNow(),
    type: text().$type<EventType>().notNull(),
    /** Null: of the installation, for administrators only. */
    organizationId: uuid(),
    /** The person it is about. */
    userId: uuid(),
    /** As receivers get it. */
    data: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    /** When it was given to those who are told of it; null: not yet. */
    dispatchedAt: instant(),
  },
  (t) => [
    index("events_created").on(t.createdAt, t.id),
    index("events_undispatched").on(t.createdAt).where(sql`${t.dispatchedAt} is null`),
    index("events_organization").on(t.organizationId, t.createdAt, t.id),
  ],
);

/** Who has read which event: a user, or the bearer of a token. */
export const noticeReads = pgTable(
  "notice_reads",
  {
    eventId: uuid()
      .notNull()
      .references(() => events.id, { onDelete: "cascade" }),
    /** An actor's id. */
    readerId: text().notNull(),
    readAt: instant().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.eventId, t.readerId] })],
);
