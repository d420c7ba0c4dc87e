import { sql } from "drizzle-orm";
import { index, integer, pgEnum, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns";
import { organizations } from "./identity";

export const mailStatus = pgEnum("mail_status", ["pending", "sent", "failed"]);

/** Mail on its way. What it says is written when it is sent: from its event, or from the sealed link of an invite. */
export const mails = pgTable(
  "mails",
  {
    id: uuid().primaryKey().defaultRandom(),
    toAddress: text().notNull(),
    /** The event that it tells of; null for an invite. */
    eventId: uuid(),
    /** The link of an invite, sealed; removed when the mail is sent. */
    link: bytea(),
    /** Which organization invites; null: the installation, or an event. */
    organizationId: uuid().references(() => organizations.id, { onDelete: "cascade" }),
    status: mailStatus().notNull().default("pending"),
    attempts: integer().notNull().default(0),
    /** As of a webhook's delivery: a lease while an attempt is made. */
    nextAttemptAt: instant().notNull().defaultNow(),
    error: text(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("mails_once").on(t.eventId, t.toAddress).where(sql`${t.eventId} is not null`),
    index("mails_due").on(t.nextAttemptAt).where(sql`${t.status} = 'pending'`),
    index("mails_created").on(t.createdAt),
  ],
);
