import type { Sql } from "#lib/db/client";
import type { Period } from "#lib/db/schema/columns";
import type { ScopeType } from "#lib/db/schema/credit";
import type { RateWindows } from "#lib/db/schema/identity";
import type { Caller } from "./caller";

/** Rates as the Admin API has them, and how many requests may be open at once. */
type Rates = RateWindows & { max_concurrent?: number };

/** A budget in US dollars, as exact decimal strings. What remains is negative if its limit was lowered below it. */
export type StandingBudget = {
  scope: ScopeType;
  limit_usd: string;
  period: Period;
  spent_usd: string;
  held_usd: string;
  remaining_usd: string;
  /** Null for a budget in total. */
  resets_at: string | null;
};

/** What a caller may know of itself: who it is, until when it is paid for, and what it may still spend. */
export type Standing = {
  organization: { id: string; name: string };
  user: { id: string; external_id: string | null; email: string | null; name: string | null } | null;
  api_key: { id: string; name: string; key_prefix: string; expires_at: string | null; tags: string[] } | null;
  app: { id: string; external_id: string | null; name: string } | null;
  /** The last valid day. */
  payment_valid_until: string | null;
  /** The models that every list allows; null for all. */
  allowed_models: string[] | null;
  budgets: StandingBudget[];
  /** By scope, as rows have them: not the installation's. */
  rate_limits: Partial<Record<ScopeType, Rates>>;
};

type StandingRow = Omit<Standing, "allowed_models">;

/** Reads the standing of a caller that was authenticated just now; null if it was deleted meanwhile. */
export async function readStanding(sql: Sql, caller: Caller): Promise<Standing | null> {
  const [row] = await sql<StandingRow[]>`
    WITH scopes AS (
      SELECT 1 AS ord, 'api_key' AS scope, id, budget_period, budget_limit_usd, rate_limits, max_concurrent
        FROM api_keys WHERE id = ${caller.apiKeyId}
      UNION ALL SELECT 2, 'app', id, budget_period, budget_limit_usd, rate_limits, max_concurrent
        FROM apps WHERE id = ${caller.appId}
      UNION ALL SELECT 3, 'user', id, budget_period, budget_limit_usd, rate_limits, max_concurrent
        FROM users WHERE id = ${caller.userId}
      UNION ALL SELECT 4, 'organization', id, budget_period, budget_limit_usd, rate_limits, max_concurrent
        FROM organizations WHERE id = ${caller.organizationId}
    )
    SELECT
      json_build_object('id', o.id, 'name', o.name) AS organization,
      CASE WHEN u.id IS NOT NULL THEN
        json_build_object('id', u.id, 'external_id', u.external_id, 'email', u.email, 'name', u.name) END AS user,
      CASE WHEN k.id IS NOT NULL THEN json_build_object('id', k.id, 'name', k.name, 'key_prefix', k.key_prefix,
        'expires_at', ${instantText(sql, "k.expires_at")}, 'tags', k.tags) END AS api_key,
      CASE WHEN a.id IS NOT NULL THEN
        json_build_object('id', a.id, 'external_id', a.external_id, 'name', a.name) END AS app,
      u.payment_valid_until::text AS payment_valid_until,
      (SELECT coalesce(json_agg(json_build_object(
          'scope', s.scope, 'limit_usd', trim_scale(s.budget_limit_usd)::text, 'period', s.budget_period,
          'spent_usd', trim_scale(coalesce(c.spent_usd, 0))::text, 'held_usd', trim_scale(coalesce(c.held_usd, 0))::text,
          'remaining_usd', trim_scale(s.budget_limit_usd - coalesce(c.spent_usd, 0) - coalesce(c.held_usd, 0))::text,
          'resets_at', CASE s.budget_period
            WHEN 'day' THEN ${nextStart(sql, "day")} WHEN 'week' THEN ${nextStart(sql, "week")}
            WHEN 'month' THEN ${nextStart(sql, "month")} END) ORDER BY s.ord), '[]')
        FROM scopes s LEFT JOIN counters c ON c.scope_id = s.id AND c.period = s.budget_period
          AND c.period_start = tollgate_period_start(s.budget_period, now())
        WHERE s.budget_limit_usd IS NOT NULL) AS budgets,
      (SELECT coalesce(json_object_agg(s.scope, s.rates), '{}') FROM (
          SELECT scope, jsonb_strip_nulls(coalesce(rate_limits, '{}') || jsonb_build_object('max_concurrent', max_concurrent))
            AS rates
          FROM scopes) s
        WHERE s.rates <> '{}') AS rate_limits
    FROM organizations o
    LEFT JOIN users u ON u.id = ${caller.userId}
    LEFT JOIN api_keys k ON k.id = ${caller.apiKeyId}
    LEFT JOIN apps a ON a.id = ${caller.appId}
    WHERE o.id = ${caller.organizationId}`;
  if (row === undefined) return null;
  const { budgets, rate_limits, ...who } = row;
  return { ...who, allowed_models: modelsIn(caller.allowedModels), budgets, rate_limits };
}

/** The names that are in every list. */
function modelsIn(lists: Caller["allowedModels"]): string[] | null {
  const [first, ...others] = lists ?? [];
  if (first === undefined) return null;
  return [...new Set(first)].filter((name) => others.every((list) => list.includes(name)));
}

const instantText = (sql: Sql, column: "k.expires_at") =>
  sql`to_char(${sql.unsafe(column)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** When the running period ends, in UTC. */
const nextStart = (sql: Sql, unit: "day" | "week" | "month") =>
  sql`to_char(date_trunc(${unit}, now() AT TIME ZONE 'UTC') + ${`1 ${unit}`}::interval, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
