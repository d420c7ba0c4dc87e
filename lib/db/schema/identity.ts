import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, instant, period, usd } from "./columns";
import { providers } from "./routing";

export const role = pgEnum("role", ["admin", "org_admin", "member", "viewer"]);
export const paymentStatus = pgEnum("payment_status", ["active", "expired", "none"]);
export const failureMode = pgEnum("failure_mode", ["fail_closed", "fail_open"]);
export const hangUp = pgEnum("hang_up", ["abort", "drain"]);

/** What each scope may be limited to. Null: not limited; the counters are kept all the same. */
const limits = () => ({
  budgetLimitUsd: usd(),
  budgetPeriod: period(),
  budgetSoftPercent: smallint(),
  maxConcurrent: integer(),
  rateLimits: jsonb().$type<RateWindows>(),
});

/** Windows of requests and tokens; `windows` are any others, like 100 in an hour. */
export type RateWindows = {
  requests_per_minute?: number;
  tokens_per_minute?: number;
  windows?: { requests: number; seconds: number }[];
};

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
  failOpenAllowanceUsd: usd(),
  /** What becomes of an answer whose client has hung up: cut off, or read to its end for its exact usage. */
  onHangUp: hangUp().notNull().default("abort"),
  ...limits(),
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
    /** `issuer subject` of who signs in by OIDC. */
    oidcSubject: text().unique(),
    /** The last valid UTC day; null: no date is kept, which is allowed. */
    paymentValidUntil: date({ mode: "string" }),
    paymentStatus: paymentStatus().notNull().default("none"),
    ...limits(),
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
    /** The key before the last rotation, which works until its grace period ends. */
    previousKeyHash: bytea().unique(),
    previousKeyExpiresAt: instant(),
    /** Null: every model. Empty: none. */
    allowedModels: text().array(),
    /** Addresses and CIDR ranges. Null: from anywhere. */
    allowedIps: text().array(),
    /** Requests of this key go to this provider only. */
    providerId: uuid().references(() => providers.id),
    ...limits(),
    expiresAt: instant(),
    revokedAt: instant(),
    tags: text().array().notNull().default(sql`'{}'`),
    version: version(),
    createdAt: instant().notNull().defaultNow(),
    /** A user's id; null where a token or the system made it. */
    createdBy: uuid(),
  },
  (t) => [
    index("api_keys_organization").on(t.organizationId),
    index("api_keys_user").on(t.userId),
    index("api_keys_tags").using("gin", t.tags),
  ],
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
  /** The secret before the last rotation, which works until its grace period ends. */
  previousSecretHash: bytea(),
  previousSecretExpiresAt: instant(),
  allowedModels: text().array(),
  ...limits(),
  disabled: boolean().notNull().default(false),
  version: version(),
  createdAt: instant().notNull().defaultNow(),
});

/** Bearers of the Admin API: what a script or the CLI proves itself with. */
export const adminTokens = pgTable("admin_tokens", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
  role: role().notNull(),
  /** Null only for role `admin`. */
  organizationId: uuid().references(() => organizations.id, { onDelete: "cascade" }),
  tokenHash: bytea().notNull().unique(),
  tokenPrefix: text().notNull(),
  expiresAt: instant(),
  lastUsedAt: instant(),
  createdAt: instant().notNull().defaultNow(),
  createdBy: text().notNull(),
});

/**
 * What a create answered under an `Idempotency-Key`, written in the transaction of the create itself.
 * The answer is sealed, since it may hold a new key.
 */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    actorId: text().notNull(),
    key: text().notNull(),
    /** SHA-256 of method, path and body: the same key with another request is an error. */
    fingerprint: bytea().notNull(),
    status: integer(),
    answer: bytea(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("idempotency_keys_key").on(t.actorId, t.key),
    index("idempotency_keys_age").on(t.createdAt),
  ],
);

/** Failed sign-ins, counted on every replica together; `subject` is a digest of an e-mail or an address. */
export const signInFailures = pgTable("sign_in_failures", {
  subject: bytea().primaryKey(),
  failures: integer().notNull(),
  windowStartedAt: instant().notNull(),
});

/** When each scheduled job last ended well, so that one replica runs it and the others see that. */
export const jobRuns = pgTable("job_runs", { name: text().primaryKey(), endedAt: instant().notNull() });

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
