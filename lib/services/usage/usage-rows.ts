import { type AnyColumn, and, arrayContains, gte, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { ledger, usageHourly } from "#lib/db/schema/credit";
import { formerNames } from "#lib/db/schema/former-names";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { equals, ownedBy } from "#lib/services/owners";
import { createdWithin } from "#lib/services/requests/created-within";
import { visibleTo } from "#lib/services/scope";
import { type ReportWindow, splitAtHours } from "./report-window";

export const USAGE_GROUPS = [
  "hour",
  "day",
  "organization",
  "user",
  "api_key",
  "app",
  "model",
  "provider",
  "tag",
] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** Groups that have a name as well as an id. */
export const NAMED_GROUPS: ReadonlySet<UsageGroup> = new Set(["organization", "user", "api_key", "app"]);

/** The filters of a report and its grouping. */
export type UsageQuestion = {
  group_by: UsageGroup;
  organization_id?: string;
  user_id?: string;
  api_key_id?: string;
  app_id?: string;
  model?: string;
  provider?: string;
  tag?: string;
};

/** Sums as text from the database. `name` is undefined if such groups have none. */
export type UsageSums = {
  group: string | null;
  name?: string | null;
  requests: string;
  inputTokens: string;
  outputTokens: string;
  costUsd: string;
  errors: string;
};

/** What the rollup counts: requests that have ended, without held requests and adjustments. */
const COUNTED = ["settled", "released", "swept"] as const;

/**
 * Sums the usage that the actor may see in one statement, and so in one snapshot: whole hours from the rollup,
 * the rest of the window from the ledger. The rollup has no tags, so queries for tags read only the ledger.
 * The sums are exact either way.
 */
export async function usageRows(
  ctx: ServiceContext,
  window: ReportWindow,
  question: UsageQuestion,
): Promise<UsageSums[]> {
  const asksTags = question.group_by === "tag" || question.tag !== undefined;
  const { whole, edges } = asksTags ? { whole: null, edges: [window] } : splitAtHours(window);
  const sources = [
    ...(whole === null ? [] : [fromRollup(ctx, whole, question)]),
    ...(edges.length === 0 ? [] : [fromLedger(ctx, edges, question)]),
  ];
  if (sources.length === 0) return [];
  const { by, text = by, name } = groupOf(question.group_by, namingOrganization(ctx.actor, question));
  const rows = await ctx.db.execute<Sums>(sql`
    with used as (${sql.join(sources, sql` union all `)})
    select ${text} as "group", ${name ?? sql`null`} as name, sum(requests) as requests, sum(errors) as errors,
      sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens, sum(cost_usd) as cost_usd
    from used
    group by ${by}
    -- A late settlement after a sweep may leave a row of zeros.
    having sum(requests) <> 0`);
  return [...rows].map((row) => ({
    group: row.group,
    name: name === undefined ? undefined : row.name,
    requests: row.requests,
    errors: row.errors,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
  }));
}

type Sums = {
  group: string | null;
  name: string | null;
  requests: string;
  errors: string;
  input_tokens: string;
  output_tokens: string;
  cost_usd: string;
};

/** The organization that all rows of a report belong to; null for an administrator's report over all of them. */
const namingOrganization = ({ role, organizationId }: Actor, question: UsageQuestion): string | null =>
  role === "admin" ? (question.organization_id ?? null) : organizationId;

/** The key of a group, how it is written, and its name. */
type Group = { by: SQL; text?: SQL; name?: SQL };

function groupOf(group: UsageGroup, organizationId: string | null): Group {
  switch (group) {
    case "hour":
      return { by: sql`to_char(began at time zone 'UTC', 'YYYY-MM-DD"T"HH24":00:00.000Z"')` };
    case "day":
      return { by: sql`to_char(began at time zone 'UTC', 'YYYY-MM-DD')` };
    case "organization": {
      const name = sql`(select o.name from ${organizations} o where o.id = organization_id)`;
      return { by: sql`organization_id`, name };
    }
    case "user": {
      const current = sql`select coalesce(u.name, u.email) from ${users} u where u.id = user_id`;
      return { by: sql`user_id`, name: nameIn(organizationId, current, sql`u`, sql`user_id`) };
    }
    case "api_key": {
      const current = sql`select k.name from ${apiKeys} k where k.id = api_key_id`;
      return { by: sql`api_key_id`, name: nameIn(organizationId, current, sql`k`, sql`api_key_id`) };
    }
    case "app":
      return { by: sql`app_id`, name: sql`(select a.name from ${apps} a where a.id = app_id)` };
    case "model":
    case "provider":
    case "tag":
      return { by: sql.identifier(group).getSQL() };
  }
}

/** What an organization calls a user or key, or called it until it moved; what it is called now without one. */
function nameIn(organizationId: string | null, current: SQL, table: SQL, id: SQL): SQL {
  if (organizationId === null) return sql`(${current})`;
  return sql`coalesce(
    (${current} and ${table}.organization_id = ${organizationId}),
    (select f.name from ${formerNames} f where f.organization_id = ${organizationId} and f.subject_id = ${id}))`;
}

function fromRollup(ctx: ServiceContext, { from, to }: ReportWindow, question: UsageQuestion): SQL {
  const where = and(
    visibleTo(ctx.actor, usageHourly),
    gte(usageHourly.hour, from),
    lt(usageHourly.hour, to),
    ...matching(usageHourly, question),
  );
  return sql`
    select hour as began, organization_id, user_id, api_key_id, app_id, model, provider, null::text as tag, requests,
      errors, input_tokens, output_tokens, cost_usd
    from ${usageHourly} where ${where}`;
}

function fromLedger(ctx: ServiceContext, windows: readonly ReportWindow[], question: UsageQuestion): SQL {
  const where = and(
    visibleTo(ctx.actor, ledger),
    or(...windows.map(({ from, to }) => createdWithin(from, to))),
    inArray(ledger.status, [...COUNTED]),
    ...matching(ledger, question),
    question.tag === undefined ? undefined : arrayContains(ledger.tags, [question.tag]),
  );
  const tags =
    question.group_by === "tag"
      ? sql`left join lateral (select distinct unnest(tags) as tag) its on true`
      : sql`cross join (select null::text as tag) its`;
  return sql`
    select created_at as began, organization_id, user_id, api_key_id, app_id, model, provider, its.tag, 1::bigint as requests,
      coalesce((http_status >= 400)::int, 0)::bigint as errors, input_tokens, output_tokens, cost_usd
    from ${ledger} ${tags} where ${where}`;
}

type Columns = Record<"organizationId" | "userId" | "apiKeyId" | "appId" | "model" | "provider", AnyColumn>;

function matching(columns: Columns, question: UsageQuestion): (SQL | undefined)[] {
  return [
    ownedBy(columns, question),
    equals(columns.model, question.model),
    equals(columns.provider, question.provider),
  ];
}
