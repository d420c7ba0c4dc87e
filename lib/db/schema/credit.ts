import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, type Metadata, ownerIds, period, usd } from "./columns";

export const scopeType = pgEnum("scope_type", ["organization", "user", "api_key", "app"]);
export type ScopeType = (typeof scopeType.enumValues)[number];
export const ledgerStatus = pgEnum("ledger_status", ["held", "settled", "released", "swept", "adjustment"]);
export const usageSource = pgEnum("usage_source", ["provider", "estimated"]);
export const budgetEventKind = pgEnum("budget_event_kind", ["soft_limit_reached", "limit_reached"]);

/**
 * What a scope has spent and holds, one row per (scope, period start in UTC). Separate from the limits, which
 * administrators edit. Only drizzle/functions changes these rows, and locks them in the order of `id`.
 */
export const counters = pgTable(
  "counters",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    scopeType: scopeType().notNull(),
    scopeId: uuid().notNull(),
    period: period().notNull(),
    periodStart: instant().notNull(),
    spentUsd: usd().notNull().default(sql`0`),
    heldUsd: usd().notNull().default(sql`0`),
    /** How many holds are open, for concurrency limits. */
    openHolds: integer().notNull().default(0),
    /**
     * The part of `spent` that no row of this counter accounts for: rows deleted by retention, and after a change of the
     * budget's period, what was spent in it before (or, if negative, what was not spent in it).
     */
    openingUsd: usd().notNull().default(sql`0`),
    /**
     * From what `spent` the budget's next event is due. Set by a trigger with the row, and by each event. A changed budget
     * is brought up to date by a job within seconds: settling then looks in vain, or the job finds what was reached.
     */
    alertUsd: usd(),
  },
  (t) => [unique("counters_bucket").on(t.scopeId, t.period, t.periodStart)],
);

/**
 * The metadata of callers at the time of their requests, each set once: rows of the ledger and groups of usage have its id.
 * Written when a caller is read (lib/auth/caller.ts) and never changed.
 */
export const metadataSets = pgTable("metadata_sets", {
  /** The set's digest (tollgate_metadata_id). */
  id: uuid().primaryKey(),
  pairs: jsonb().$type<Metadata>().notNull(),
});

export const ATTEMPT_OUTCOMES = ["served", "failed", "skipped", "hedged"] as const;

/** One of the targets that a request was sent to, or was not for a reason. */
export type LedgerAttempt = {
  provider: string;
  upstream_model: string;
  /** From the request's arrival. */
  started_ms: number;
  latency_ms: number;
  /** The provider's; null if it sent none. */
  http_status: number | null;
  outcome: (typeof ATTEMPT_OUTCOMES)[number];
  /** Why it failed or was skipped; null if it answered. */
  reason: string | null;
  cost_usd: string;
};

/**
 * One row per request that was granted a hold. The hold row is the usage row: inserted before the request goes upstream,
 * completed before the client has the last byte. No foreign keys: rows keep the ids of what was deleted. Ids are
 * UUIDv7, so they sort by time.
 */
export const ledger = pgTable(
  "ledger",
  {
    id: uuid().primaryKey(),
    createdAt: instant().notNull(),
    settledAt: instant(),
    status: ledgerStatus().notNull(),
    ...ownerIds(),
    endpoint: text().notNull(),
    model: text().notNull(),
    provider: text(),
    upstreamModel: text(),
    priceVersionId: uuid(),
    stream: boolean().notNull().default(false),
    tags: text().array().notNull().default(sql`'{}'`),
    clientRequestId: text(),
    sessionId: text(),
    /** The caller's in `metadata_sets`; null without any. */
    metadataId: uuid(),
    inputTokens: bigint({ mode: "number" }).notNull().default(0),
    outputTokens: bigint({ mode: "number" }).notNull().default(0),
    cachedTokens: bigint({ mode: "number" }).notNull().default(0),
    cacheWriteTokens: bigint({ mode: "number" }).notNull().default(0),
    reasoningTokens: bigint({ mode: "number" }).notNull().default(0),
    /** Other counts, by name (lib/credit/prices/meters.ts). */
    meters: jsonb().$type<Record<string, number>>().notNull().default(sql`'{}'`),
    holdUsd: usd().notNull().default(sql`0`),
    costUsd: usd().notNull().default(sql`0`),
    overrunUsd: usd().notNull().default(sql`0`),
    /** What the provider says that the answer has cost it; null if it does not say. */
    providerCostUsd: usd(),
    usageSource: usageSource(),
    httpStatus: integer(),
    errorCode: text(),
    latencyMs: integer(),
    ttftMs: integer(),
    /** What the client offered and the request left out, as paths in its body or names of headers. */
    dropped: text().array().notNull().default(sql`'{}'`),
    /** From the request's arrival until it was first sent to a provider. */
    dispatchedMs: integer(),
    /** What was tried; null if it was one target, which answered. */
    attempts: jsonb().$type<readonly LedgerAttempt[]>(),
    /** Adjustments only: the reason and the actor. */
    reason: text(),
    adjustedBy: text(),
    /** The counters this row was held in; settling changes only these. */
    counterIds: bigint({ mode: "number" }).array().notNull(),
    /** The process that has to settle the row, and what to charge if it dies. */
    instanceId: uuid(),
    ifSweptUsd: usd().notNull().default(sql`0`),
    ifSweptOutputTokens: bigint({ mode: "number" }).notNull().default(0),
    /** Admitted while the database was unavailable, within its organization's allowance, and replayed from the journal. */
    failOpen: boolean().notNull().default(false),
  },
  (t) => [
    index("ledger_organization").on(t.organizationId, t.id),
    index("ledger_user").on(t.userId, t.id),
    index("ledger_api_key").on(t.apiKeyId, t.id),
    index("ledger_app").on(t.appId, t.id).where(sql`${t.appId} is not null`),
    index("ledger_session").on(t.sessionId, t.id).where(sql`${t.sessionId} is not null`),
    index("ledger_client_request").on(t.clientRequestId, t.id).where(sql`${t.clientRequestId} is not null`),
    // A scope's adjustments, by columns that settling does not change, so that it still updates rows in place.
    index("ledger_adjustments")
      .on(sql`coalesce(${t.apiKeyId}, ${t.appId}, ${t.userId}, ${t.organizationId})`)
      .where(sql`${t.adjustedBy} is not null`),
  ],
);

/**
 * The processes that place holds. Each renews its lease every few seconds; when a lease expires, the process's holds are
 * swept. One lease per process instead of per row, so that settling changes no indexed column and PostgreSQL updates
 * the row in place.
 */
export const instances = pgTable("instances", {
  id: uuid().primaryKey(),
  startedAt: instant().notNull().defaultNow(),
  /** The last heartbeat. */
  seenAt: instant().notNull().defaultNow(),
  aliveUntil: instant().notNull(),
  /** Since the last heartbeat, the lease was extended once because no process could reach the database. */
  isSpared: boolean().notNull().default(false),
  /** No open hold of the process is older than this id: where a sweep starts. */
  oldestOpen: uuid().notNull(),
});

/**
 * One row. Retention has deleted, or is deleting, requests created before `keptFrom`, the start of an hour in UTC. From
 * then on the ledger is complete; before it, only the rollups are.
 */
export const ledgerState = pgTable("ledger_state", {
  id: smallint().primaryKey().default(1),
  keptFrom: instant().notNull(),
  /** Usage from before was counted by the hour, without tags, endpoint, upstream model and latency: by an earlier version. */
  detailedFrom: instant().notNull().default(sql`'1970-01-01 00:00:00+00'`),
  /** The rollups have no usage from between `keptFrom` and this time yet: an upgrade goes back through the ledger for it. */
  rolledUpFrom: instant().notNull().default(sql`'1970-01-01 00:00:00+00'`),
});

/**
 * When a budget reached a percentage of its limit: once per period, found by the settlement. The budget of a user or key that
 * moves while it is above gets another event, in the new organization.
 */
export const budgetEvents = pgTable(
  "budget_events",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant().notNull().defaultNow(),
    kind: budgetEventKind().notNull(),
    scopeType: scopeType().notNull(),
    scopeId: uuid().notNull(),
    organizationId: uuid(),
    period: period().notNull(),
    periodStart: instant().notNull(),
    limitUsd: usd().notNull(),
    percent: smallint().notNull(),
    spentUsd: usd().notNull(),
  },
  (t) => [
    // A `total` never ends, so each limit has an event of its own: raising the limit allows another event.
    uniqueIndex("budget_events_once").on(
      t.scopeId,
      t.period,
      t.periodStart,
      t.kind,
      t.percent,
      sql`coalesce(${t.organizationId}, '00000000-0000-0000-0000-000000000000')`,
      sql`(case when ${t.period} = 'total' then ${t.limitUsd} else 0 end)`,
    ),
    index("budget_events_organization").on(t.organizationId, t.id),
  ],
);
