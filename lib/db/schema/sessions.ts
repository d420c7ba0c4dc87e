import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns";
import { accounts, users } from "./identity";

/** A signed-in browser. Its cookie has the id, and deleting the row ends the session on the next request. */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid().primaryKey().defaultRandom(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: "cascade" }),
    /** The membership that the session acts as. The portal's switcher changes it. */
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: instant().notNull().defaultNow(),
    /** Written at most once a minute. */
    lastSeenAt: instant().notNull().defaultNow(),
    expiresAt: instant().notNull(),
    /** The client's address and browser at the sign-in. */
    ip: text(),
    userAgent: text(),
  },
  (t) => [
    index("sessions_account").on(t.accountId),
    index("sessions_user").on(t.userId),
    index("sessions_expiry").on(t.expiresAt),
  ],
);

/** A link by which a person accepts a membership. A new one replaces the earlier, and accepting deletes it. */
export const invites = pgTable(
  "invites",
  {
    userId: uuid()
      .primaryKey()
      .references(() => users.id, { onDelete: "cascade" }),
    tokenHash: bytea().notNull().unique(),
    /** The user whose rights the link needs, as `makerId` of admin tokens. Null: no one. */
    makerId: uuid().references(() => users.id, { onDelete: "cascade" }),
    expiresAt: instant().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [index("invites_maker").on(t.makerId)],
);

/**
 * Who asked for a new password, known or not: the answer takes the same time either way, since a job looks for the accounts
 * and mails the links.
 */
export const passwordResetRequests = pgTable(
  "password_reset_requests",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** As typed, in lower case. */
    email: text().notNull(),
    /** Where the portal is, for the link. */
    portalUrl: text().notNull(),
    ip: text(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [index("password_reset_requests_created").on(t.createdAt)],
);

/** A mailed link by which a person sets a new password. Using one of them deletes all of the account. */
export const passwordResets = pgTable(
  "password_resets",
  {
    id: uuid().primaryKey().defaultRandom(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: "cascade" }),
    /** The address that it was mailed to: worth nothing once the account has another. */
    email: text().notNull(),
    tokenHash: bytea().notNull().unique(),
    expiresAt: instant().notNull(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [index("password_resets_account").on(t.accountId)],
);
