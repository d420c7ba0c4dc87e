import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  date,
  index,
  jsonb,
  pgEnum,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

/** Raw bytes; keyed hashes and ciphertexts live in these. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** A point in time, kept in UTC. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

export const role = pgEnum("role", ["admin", "org_admin", "member", "viewer"]);
export const paymentStatus = pgEnum("payment_status", ["active", "expired", "none"]);
export const failureMode = pgEnum("failure_mode", ["fail_closed", "fail_open"]);

/**
 * `version` on every table that the hold re-checks: a trigger raises it on each update, so a
 * replica that read the row from its cache is told so by the database instead of acting on it.
 */
const version = () => bigint({ mode: "number" }).notNull().default(1);

export const organizations = pgTable("organizations", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
  suspendedAt: instant(),
  failureMode: failureMode().notNull().default("fail_closed"),
  version: version(),
  createdAt: instant().notNull().defaultNow(),
});

export const users = pgTable(
  "users",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Null only for administrators of the whole installation. */
    organizationId: uuid().references(() => organizations.id),
    email: text().notNull(),
    name: text(),
    externalId: text(),
    role: role().notNull().default("member"),
    passwordHash: text(),
    /** The last valid UTC day; null: no date is kept, which is allowed. */
    paymentValidUntil: date({ mode: "string" }),
    paymentStatus: paymentStatus().notNull().default("none"),
    version: version(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("users_email_key").on(sql`lower(${t.email})`),
    uniqueIndex("users_external_id_key").on(t.organizationId, t.externalId),
  ],
);

export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid().primaryKey().defaultRandom(),
    name: text().notNull(),
    organizationId: uuid()
      .notNull()
      .references(() => organizations.id),
    userId: uuid().references(() => users.id),
    /** HMAC-SHA256 of the key; the key itself is shown once and never stored. */
    keyHash: bytea().notNull().unique(),
    /** The first characters, for people to tell keys apart. */
    keyPrefix: text().notNull(),
    /** Null: every model. Empty: none. */
    allowedModels: text().array(),
    expiresAt: instant(),
    revokedAt: instant(),
    tags: text().array().notNull().default(sql`'{}'`),
    version: version(),
    createdAt: instant().notNull().defaultNow(),
    createdBy: uuid(),
  },
  (t) => [index("api_keys_organization").on(t.organizationId), index("api_keys_user").on(t.userId)],
);

/** Internal apps: callers that prove themselves with a shared secret of their own. */
export const apps = pgTable("apps", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
  organizationId: uuid()
    .notNull()
    .references(() => organizations.id),
  /** What the app calls itself in `x-app-id`; its id works too. */
  externalId: text().unique(),
  secretHash: bytea().notNull(),
  allowedModels: text().array(),
  disabled: boolean().notNull().default(false),
  version: version(),
  createdAt: instant().notNull().defaultNow(),
});

/** Who changed what, written in the transaction of the change. Append only: a trigger refuses the rest. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant().notNull().defaultNow(),
    actorId: text().notNull(),
    actorName: text().notNull(),
    organizationId: uuid(),
    action: text().notNull(),
    subjectType: text().notNull(),
    subjectId: text().notNull(),
    before: jsonb(),
    after: jsonb(),
    ip: text(),
  },
  (t) => [index("audit_log_organization").on(t.organizationId, t.id)],
);
