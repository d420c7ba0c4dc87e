import { type AnyColumn, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
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
import { bytea, instant, metadata, period, usd } from "./columns";
import { providers } from "./routing";

export const role = pgEnum("role", ["admin", "org_admin", "member", "viewer"]);
export const paymentStatus = pgEnum("payment_status", ["active", "expired", "none"]);
export const failureMode = pgEnum("failure_mode", ["fail_closed", "fail_open"]);
export const hangUp = pgEnum("hang_up", ["abort", "drain"]);

/** For lists that name pairs. Partial: most rows have none. */
const metadataIndex = (name: string, column: AnyColumn) =>
  index(name).using("gin", sql`${column} jsonb_path_ops`).where(sql`${column} <> '{}'`);

/** The limits of a scope. Null: unlimited; counters exist anyway. */
const limits = () => ({
  budgetLimitUsd: usd(),
  budgetPeriod: period(),
  budgetSoftPercent: smallint(),
  maxConcurrent: integer(),
  rateLimits: jsonb().$type<RateWindows>(),
});

/** Rate windows of requests and tokens; `windows` are additional ones, such as 100 in an hour. */
export type RateWindows = {
  requests_per_minute?: number;
  tokens_per_minute?: number;
  windows?: { requests?: number | undefined; tokens?: number | undefined; seconds: number }[];
};

/**
 * `version` of every table that the hold re-checks. A trigger increments it on each update, so the database detects when
 * a replica acts on a stale row from its cache.
 */
const version = () => bigint({ mode: "number" }).notNull().default(1);

/** What organizations and users have besides. */
const payer = () => ({
  ...limits(),
  metadata: metadata(),
  version: version(),
  createdAt: instant().notNull().defaultNow(),
});

/** Bounds of the keys that people own: how many for each person, from where, and how many days ahead they may end. */
export type MemberKeys = { max: number; allowed_ips?: string[]; max_days?: number };

export const organizations = pgTable(
  "organizations",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Not unique: whether another organization has the name is not told. */
    name: text().notNull(),
    suspendedAt: instant(),
    failureMode: failureMode().notNull().default("fail_closed"),
    failOpenAllowanceUsd: usd(),
    /** What to do when a client disconnects: abort the answer, or read it to its end for its exact usage. */
    onHangUp: hangUp().notNull().default("abort"),
    /** Narrows every key and app in it. Null: every model. Empty: no model. */
    allowedModels: text().array(),
    /** Null: no bounds. */
    memberKeys: jsonb().$type<MemberKeys>(),
    ...payer(),
  },
  (t) => [metadataIndex("organizations_metadata", t.metadata)],
);

/** In the place of a missing organization in unique indexes, where nulls would differ. */
const NO_ORGANIZATION = sql`'00000000-0000-0000-0000-000000000000'::uuid`;

/**
 * A person who signs in, by password or single sign-on. Their memberships are `users`. An invite's link does not prove
 * an e-mail address: an account that was made with one stays in its home organization until the address is confirmed,
 * and until then several organizations may each have an account with the same address.
 */
export const accounts = pgTable(
  "accounts",
  {
    id: uuid().primaryKey().defaultRandom(),
    email: text().notNull(),
    emailConfirmedAt: instant(),
    /** Whether an administrator of the installation wrote it; see `mayResetByMail` (lib/auth/password-reset.ts). */
    emailVouched: boolean().notNull().default(false),
    passwordHash: text(),
    /** The pair identifies a person at the issuer and never changes, while the e-mail address there may. */
    oidcIssuer: text(),
    oidcSubject: text(),
    /** The only organization of an unconfirmed account; null for an administrator of the installation. */
    homeOrganizationId: uuid().references(() => organizations.id, { onDelete: "cascade" }),
    /** The membership that the next sign-in goes to. It may be gone. */
    lastUserId: uuid(),
    lastSignInAt: instant(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("accounts_confirmed_email_key")
      .on(sql`lower(${t.email})`)
      .where(sql`${t.emailConfirmedAt} IS NOT NULL`),
    uniqueIndex("accounts_unconfirmed_email_key")
      .on(sql`lower(${t.email})`, sql`coalesce(${t.homeOrganizationId}, ${NO_ORGANIZATION})`)
      .where(sql`${t.emailConfirmedAt} IS NULL`),
    // For sign-ins, which look for confirmed and unconfirmed ones.
    index("accounts_email").on(sql`lower(${t.email})`),
    uniqueIndex("accounts_oidc_key").on(t.oidcIssuer, t.oidcSubject),
  ],
);

export const users = pgTable(
  "users",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Whose membership this is. Null until someone accepts it. */
    accountId: uuid().references(() => accounts.id),
    /** Null only for administrators of the installation. */
    organizationId: uuid().references(() => organizations.id),
    /** Null for a user who is known by an external id only, and cannot sign in. */
    email: text(),
    name: text(),
    externalId: text(),
    role: role().notNull().default("member"),
    /** The app that created the user for an unknown `x-user-oid`. It may be gone. */
    createdByApp: uuid(),
    /** The last valid UTC day; null: no expiry. */
    paymentValidUntil: date({ mode: "string" }),
    paymentStatus: paymentStatus().notNull().default("none"),
    /** Narrows every key that they own, and apps that name them. Null: every model. Empty: no model. */
    allowedModels: text().array(),
    ...payer(),
  },
  (t) => [
    // Per organization: whether another one has the address is not told.
    uniqueIndex("users_email_key").on(
      sql`lower(${t.email})`,
      sql`coalesce(${t.organizationId}, ${NO_ORGANIZATION})`,
    ),
    uniqueIndex("users_external_id_key").on(t.organizationId, t.externalId),
    check("users_named", sql`${t.email} IS NOT NULL OR ${t.externalId} IS NOT NULL`),
    // People sign in with it.
    check("users_account_email", sql`${t.accountId} IS NULL OR ${t.email} IS NOT NULL`),
    // Over organizations, for administrators.
    index("users_external_id").on(t.externalId).where(sql`${t.externalId} IS NOT NULL`),
    // For the bound of each app that creates users.
    index("users_created_by_app").on(t.createdByApp).where(sql`${t.createdByApp} IS NOT NULL`),
    // Partial: most users only have keys, and are updated in bulk.
    uniqueIndex("users_account_key")
      .on(t.accountId, sql`coalesce(${t.organizationId}, ${NO_ORGANIZATION})`)
      .where(sql`${t.accountId} IS NOT NULL`),
    metadataIndex("users_metadata", t.metadata),
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
    /** A keyed hash of the key's digest (lib/auth/key-hash.ts). The key itself is shown once and never stored. */
    keyHash: bytea().notNull().unique(),
    /** The first characters, by which people recognize a key. */
    keyPrefix: text().notNull(),
    /** The key before the last rotation, valid until its grace period ends. */
    previousKeyHash: bytea().unique(),
    previousKeyExpiresAt: instant(),
    /** Null: every model. Empty: no model. */
    allowedModels: text().array(),
    /** Addresses and CIDR ranges. Null: any address. */
    allowedIps: text().array(),
    /** Restricts this key's requests to one provider. */
    providerId: uuid().references(() => providers.id),
    ...limits(),
    metadata: metadata(),
    expiresAt: instant(),
    revokedAt: instant(),
    tags: text().array().notNull().default(sql`'{}'`),
    version: version(),
    createdAt: instant().notNull().defaultNow(),
    /** A user's id; null if a token or the system created the key. */
    createdBy: uuid(),
  },
  (t) => [
    index("api_keys_organization").on(t.organizationId),
    index("api_keys_user").on(t.userId),
    index("api_keys_tags").using("gin", t.tags),
    metadataIndex("api_keys_metadata", t.metadata),
  ],
);

/** Internal apps: services that authenticate with a shared secret. */
export const apps = pgTable(
  "apps",
  {
    id: uuid().primaryKey().defaultRandom(),
    organizationId: uuid()
      .notNull()
      .references(() => organizations.id),
    name: text().notNull(),
    /** The app's name in `x-app-id`, as an alternative to its id. The secret tells apart apps of several organizations. */
    externalId: text(),
    secretHash: bytea().notNull().unique(),
    /** The secret before the last rotation, valid until its grace period ends. */
    previousSecretHash: bytea().unique(),
    previousSecretExpiresAt: instant(),
    allowedModels: text().array(),
    ...limits(),
    metadata: metadata(),
    disabled: boolean().notNull().default(false),
    /** Whether an unknown `x-user-oid` creates a user, and how many at most. */
    createUsers: boolean().notNull().default(false),
    maxCreatedUsers: integer().notNull().default(1000),
    version: version(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("apps_external_id_key").on(t.organizationId, t.externalId),
    metadataIndex("apps_metadata", t.metadata),
  ],
);

/** Admin API tokens, which authenticate scripts and the CLI. */
export const adminTokens = pgTable(
  "admin_tokens",
  {
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
    /**
     * The user whose rights bound the token's: its creator or, for a token that a token created, that one's maker. Null:
     * no one does, as for a token that an administrator created for an organization.
     */
    makerId: uuid().references(() => users.id, { onDelete: "cascade" }),
  },
  (t) => [index("admin_tokens_maker").on(t.makerId)],
);

/**
 * The response of a create with an `Idempotency-Key`, written in the transaction of the create. It is encrypted, since it
 * may contain a new key.
 */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    actorId: text().notNull(),
    key: text().notNull(),
    /** SHA-256 of method, path and body. The same key with another request is an error. */
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

/**
 * One row: the secrets that stored hashes depend on, sealed. It also tells which ENCRYPTION_KEY is in use, since a rotation
 * seals it first (lib/auth/hashing-secrets.ts).
 */
export const installationSecrets = pgTable("installation_secrets", {
  id: smallint().primaryKey().default(1),
  hashing: bytea().notNull(),
});

/** Failed sign-ins, counted across replicas; `subject` is a digest of an e-mail or an IP address. */
export const signInFailures = pgTable("sign_in_failures", {
  subject: bytea().primaryKey(),
  failures: integer().notNull(),
  windowStartedAt: instant().notNull(),
});

/** When each scheduled job last succeeded, so that only one replica runs it. */
export const jobRuns = pgTable("job_runs", { name: text().primaryKey(), endedAt: instant().notNull() });

/** Who changed what, written in the transaction of the change. Append-only, enforced by a trigger. */
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
