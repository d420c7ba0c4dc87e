import { sql } from "drizzle-orm";
import { index, integer, pgEnum, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns";
import { organizations } from "./identity";
import { passwordResets } from "./sessions";

export const mailKind = pgEnum("mail_kind", [
  "event",
  "invitation",
  "password_reset",
  "password_changed",
  "address_changed",
]);
export const mailStatus = pgEnum("mail_status", ["pending", "sent", "failed"]);

/** Mail on its way. What it says is written when it is sent: from its kind, its event and its link. */
export const mails = pgTable(
  "mails",
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: mailKind().notNull().default("event"),
    toAddress: text().notNull(),
    /** The event that it tells of. */
    eventId: uuid(),
    /** The link of an invite or a reset, sealed; removed when the mail is sent. */
    link: bytea(),
    /** The reset that its link is for: what ends the link ends the mail. */
    resetId: uuid().references(() => passwordResets.id, { onDelete: "cascade" }),
    /** Which organization it is about; null: the installation, a person, or an event. */
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
    index("mails_reset").on(t.resetId).where(sql`${t.resetId} is not null`),
  ],
);
