import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { budgetEvents, counters } from "#lib/db/schema/credit";
import { budgetedScopes } from "./budgeted-scopes";

/** A new event, for the log. */
export type RaisedEvent = {
  kind: string;
  scope_type: string;
  scope_id: string;
  period: string;
  limit_usd: string;
  percent: number;
  spent_usd: string;
};

/**
 * Records the running budgets that have reached their soft limit or their limit: each once per period, in one
 * statement, however many replicas run it at once. After a move, the new organization is told of it anew. A limit of zero blocks and raises no event.
 */
export async function raiseBudgetEvents(db: Db): Promise<RaisedEvent[]> {
  const rows = await db.execute<RaisedEvent>(sql`
    insert into ${budgetEvents} (
      kind, scope_type, scope_id, organization_id, period, period_start, limit_usd, percent, spent_usd
    )
    select k.kind, s.scope_type, s.scope_id, s.organization_id, s.budget_period, c.period_start, s.budget_limit_usd,
      k.percent, c.spent_usd
    from ${budgetedScopes} s
    join ${counters} c on c.scope_id = s.scope_id and c.period = s.budget_period
      and c.period_start = tollgate_period_start(s.budget_period, statement_timestamp())
    cross join lateral (values
      ('soft_limit_reached'::budget_event_kind, s.budget_soft_percent), ('limit_reached', 100::smallint)
    ) as k (kind, percent)
    where s.budget_limit_usd > 0 and c.spent_usd * 100 >= s.budget_limit_usd * k.percent
      -- The unique index alone would do, but each run would use up a sequence number per known event.
      and not exists (
        select from ${budgetEvents} e
        where e.scope_id = s.scope_id and e.organization_id is not distinct from s.organization_id and e.period = s.budget_period and e.period_start = c.period_start
          and e.kind = k.kind and e.percent = k.percent
          and (e.period <> 'total' or e.limit_usd = s.budget_limit_usd)
      )
    order by s.scope_id, k.kind
    on conflict do nothing
    returning kind, scope_type, scope_id, period, trim_scale(limit_usd)::text as limit_usd, percent,
      trim_scale(spent_usd)::text as spent_usd`);
  return [...rows];
}
