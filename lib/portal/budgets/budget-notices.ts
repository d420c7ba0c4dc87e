import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Period } from "#lib/db/schema/columns";
import { budgetEvents, counters, type ScopeType } from "#lib/db/schema/credit";
import { budgetedScopes } from "#lib/services/budgets/budgeted-scopes";
import type { ServiceContext } from "#lib/services/context";
import { usdText } from "#lib/services/usd-text";

/** A budget that has reached a threshold in its running period and is still above it. */
export type BudgetNotice = {
  scope: { type: ScopeType; id: string; name: string };
  period: Period;
  limitUsd: string;
  spentUsd: string;
  /** Whole percent of the limit that is spent, rounded down. */
  percent: number;
  /** The highest threshold reached, in percent, and when that was noticed. */
  threshold: number;
  reachedAt: string;
};

export type BudgetNotices = { shown: BudgetNotice[]; total: number };

/**
 * Lists the budgets visible to the actor that have reached a threshold, the fullest first. An event whose budget
 * was raised or removed since gives no notice.
 * @param scopeId only this organization, user, key or app
 */
export async function budgetNotices(
  ctx: ServiceContext,
  { most, scopeId }: { most: number; scopeId?: string },
): Promise<BudgetNotices> {
  const rows = await ctx.db.execute<Row>(sql`
    with reached as (
      select distinct on (s.scope_id) s.scope_type, s.scope_id, s.name, s.budget_period, s.budget_limit_usd,
        c.spent_usd, e.percent as threshold, extract(epoch from e.at) * 1000 as at_ms
      from ${budgetEvents} e
      join ${budgetedScopes} s on s.scope_id = e.scope_id and s.budget_period = e.period
        and s.organization_id is not distinct from e.organization_id
      join ${counters} c
        on c.scope_id = e.scope_id and c.period = e.period and c.period_start = e.period_start
      where e.period_start = tollgate_period_start(e.period, statement_timestamp())
        and c.spent_usd * 100 >= s.budget_limit_usd * e.percent and s.budget_limit_usd > 0
        and ${visibleScopes(ctx.actor)} and ${scopeId === undefined ? sql`true` : sql`s.scope_id = ${scopeId}`}
      order by s.scope_id, e.percent desc, e.id
    )
    select *, floor(spent_usd * 100 / budget_limit_usd)::int as percent, count(*) over () as total from reached
    order by spent_usd / budget_limit_usd desc, scope_id limit ${most}`);
  return { shown: rows.map(toNotice), total: Number(rows[0]?.total ?? 0) };
}

function visibleScopes(actor: Actor): SQL {
  if (actor.role === "admin") return sql`true`;
  if (actor.organizationId === null) return sql`false`;
  const own = sql`s.organization_id = ${actor.organizationId}`;
  return actor.role === "member" ? sql`${own} and s.user_id = ${actor.id}` : own;
}

type Row = {
  scope_type: ScopeType;
  scope_id: string;
  name: string;
  budget_period: Period;
  budget_limit_usd: string;
  spent_usd: string;
  percent: number;
  threshold: number;
  at_ms: string;
  total: string;
};

const toNotice = (row: Row): BudgetNotice => ({
  scope: { type: row.scope_type, id: row.scope_id, name: row.name },
  period: row.budget_period,
  limitUsd: usdText(row.budget_limit_usd),
  spentUsd: usdText(row.spent_usd),
  percent: row.percent,
  threshold: row.threshold,
  reachedAt: new Date(Number(row.at_ms)).toISOString(),
});
