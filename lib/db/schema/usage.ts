import { sql } from "drizzle-orm";
import {
  bigint,
  date,
  index,
  integer,
  numeric,
  pgEnum,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, ownerIds, usd } from "./columns";

/**
 * Whose requests a group sums: a caller's by model (the full grain), an owner's (key, user, app, tags and metadata, of all models), an
 * organization's by model or the installation's by model. A report reads the coarsest that answers it, so that one over
 * everything reads a few hundred rows instead of all callers'. Owners have only days.
 */
export const usageCut = pgEnum("usage_cut", ["caller", "owner", "organization", "installation"]);
export type UsageCut = (typeof usageCut.enumValues)[number];

/**
 * What requests have in common: the dimensions of the rollups, each written once. Null for what the cut does not tell
 * apart. `endpoint` and `upstreamModel` are also null for usage from before they were counted (`ledgerState.detailedFrom`).
 */
export const usageGroups = pgTable(
  "usage_groups",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    /** Of all other columns, since a unique index on them would be as large as the table. */
    hash: uuid().notNull().unique(),
    cut: usageCut().notNull(),
    ...ownerIds(),
    organizationId: uuid(),
    /** "" of an owner. */
    model: text().notNull(),
    provider: text(),
    upstreamModel: text(),
    endpoint: text(),
    tags: text().array().notNull().default(sql`'{}'`),
    /** The caller's in `metadata_sets`. Null without any, and for groups of several callers. */
    metadataId: uuid(),
  },
  (t) => [
    index("usage_groups_organization").on(t.organizationId, t.cut),
    index("usage_groups_user").on(t.userId).where(sql`${t.userId} is not null`),
    index("usage_groups_api_key").on(t.apiKeyId).where(sql`${t.apiKeyId} is not null`),
    index("usage_groups_app").on(t.appId).where(sql`${t.appId} is not null`),
  ],
);

/**
 * The sums that rollups keep. `latency` and `ttft` are histograms, so that percentiles can be added up: the number of
 * requests in bucket b times 10^(12 b) (drizzle/functions/tollgate_latency_digit.sql).
 */
const measures = () => ({
  /** The group's: so that an index finds an interval of one cut. */
  cut: usageCut().notNull(),
  requests: bigint({ mode: "number" }).notNull(),
  errors: bigint({ mode: "number" }).notNull(),
  inputTokens: bigint({ mode: "number" }).notNull(),
  outputTokens: bigint({ mode: "number" }).notNull(),
  cachedTokens: bigint({ mode: "number" }).notNull(),
  costUsd: usd().notNull(),
  latency: numeric().notNull().default("0"),
  ttft: numeric().notNull().default("0"),
});

/** The usage of a group by quarter hour of the requests' `created_at`: time zones begin their days at quarter hours. */
export const usageQuarters = pgTable(
  "usage_quarters",
  {
    groupId: bigint({ mode: "number" }).notNull(),
    at: instant().notNull(),
    ...measures(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.at] }), index("usage_quarters_at").on(t.cut, t.at)],
);

/** The usage of a group by UTC day: always the sum of its quarter hours. */
export const usageDays = pgTable(
  "usage_days",
  {
    groupId: bigint({ mode: "number" }).notNull(),
    day: date({ mode: "string" }).notNull(),
    ...measures(),
  },
  (t) => [primaryKey({ columns: [t.groupId, t.day] }), index("usage_days_day").on(t.cut, t.day)],
);

/**
 * The usage of a group by spans of several hours or days since 1970 in UTC: always the sum of its days, or of its quarter
 * hours. Of owners by 6 hours, 8 days and 32 days, of callers by 8 and 32 days: of them there are thousands, so that a
 * report of a quarter of a year reads ten rows of each instead of ninety.
 */
export const usageSpans = pgTable(
  "usage_spans",
  {
    groupId: bigint({ mode: "number" }).notNull(),
    hours: smallint().notNull(),
    at: instant().notNull(),
    ...measures(),
  },
  (t) => [
    primaryKey({ columns: [t.groupId, t.hours, t.at] }),
    index("usage_spans_at").on(t.cut, t.hours, t.at),
  ],
);

/** All usage since the installation. */
export const usageTotals = pgTable(
  "usage_totals",
  {
    organizationId: uuid().notNull(),
    userId: uuid(),
    provider: text(),
    requests: bigint({ mode: "number" }).notNull(),
    costUsd: usd().notNull(),
  },
  (t) => [unique("usage_totals_group").on(t.organizationId, t.userId, t.provider).nullsNotDistinct()],
);

/**
 * Usage that is not in the rollups yet: settling appends a row for each request, and a sweep that is undone one that
 * takes it back (`requests` = -1). tollgate_roll_up_v1 moves them, seconds later and in one transaction, so rollups and
 * pending rows together add up to the ledger in every snapshot. No index: the table holds seconds.
 */
export const usagePending = pgTable("usage_pending", {
  at: instant().notNull(),
  ...ownerIds(),
  model: text().notNull(),
  provider: text(),
  upstreamModel: text(),
  endpoint: text(),
  tags: text().array().notNull(),
  requests: integer().notNull(),
  errors: integer().notNull(),
  inputTokens: bigint({ mode: "number" }).notNull(),
  outputTokens: bigint({ mode: "number" }).notNull(),
  cachedTokens: bigint({ mode: "number" }).notNull(),
  costUsd: usd().notNull(),
  latencyMs: integer(),
  ttftMs: integer(),
  metadataId: uuid(),
});

/**
 * The usage of each caller by hour, with what is pending: the rollup of earlier versions, which replicas that are not
 * upgraded yet read, as do checks of the rollups. Sums the quarter hours when it is read, so no page reads it.
 */
export const usageHourly = pgView("usage_hourly", {
  hour: instant().notNull(),
  ...ownerIds(),
  model: text().notNull(),
  provider: text(),
  requests: bigint({ mode: "number" }).notNull(),
  errors: bigint({ mode: "number" }).notNull(),
  inputTokens: bigint({ mode: "number" }).notNull(),
  outputTokens: bigint({ mode: "number" }).notNull(),
  cachedTokens: bigint({ mode: "number" }).notNull(),
  costUsd: usd().notNull(),
}).as(sql`
  select date_trunc('hour', at, 'UTC') as hour, organization_id, user_id, api_key_id, app_id, model, provider,
    sum(requests)::bigint as requests, sum(errors)::bigint as errors, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(cached_tokens)::bigint as cached_tokens,
    sum(cost_usd)::numeric(38, 12) as cost_usd
  from (
    select q.at, g.organization_id, g.user_id, g.api_key_id, g.app_id, g.model, g.provider, q.requests, q.errors,
      q.input_tokens, q.output_tokens, q.cached_tokens, q.cost_usd
    from usage_groups g join usage_quarters q on q.group_id = g.id where g.cut = 'caller'
    union all
    select at, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens,
      output_tokens, cached_tokens, cost_usd
    from usage_pending
  ) used
  group by 1, 2, 3, 4, 5, 6, 7`);
