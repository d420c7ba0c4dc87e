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
 * Records the running budgets that have reached their soft limit or their limit without a settlement that did so: their
 * budget was changed, or they have moved to an organization that was not told. Also lets settlements know from what spend
 * a changed budget's next event is due. Each event once per period, in one statement, however many replicas run it at
 * once: a counter in use is left to the next run. A limit of zero blocks and raises no event.
 */
export async function raiseBudgetEvents(db: Db): Promise<RaisedEvent[]> {
  const [row] = await db.execute<{ raised: RaisedEvent[] | null }>(sql`
    select tollgate_raise_budget_events_v1(array(
      select c.id from ${budgetedScopes} s
      join ${counters} c on c.scope_id = s.scope_id and c.period = s.budget_period
        and c.period_start = tollgate_period_start(s.budget_period, statement_timestamp())
      where c.alert_usd is distinct from tollgate_next_alert(s.budget_limit_usd, s.budget_soft_percent, c.spent_usd)
        or exists (
          select from (values ('soft_limit_reached'::budget_event_kind, s.budget_soft_percent), ('limit_reached', 100::smallint))
            as k (kind, percent)
          where s.budget_limit_usd > 0 and c.spent_usd * 100 >= s.budget_limit_usd * k.percent
            and not exists (
              select from ${budgetEvents} e
              where e.scope_id = s.scope_id and e.organization_id is not distinct from s.organization_id
                and e.period = s.budget_period and e.period_start = c.period_start
                and e.kind = k.kind and e.percent = k.percent
                and (e.period <> 'total' or e.limit_usd = s.budget_limit_usd)
            )
        )
      order by c.id for update of c skip locked
    )) as raised`);
  return row?.raised ?? [];
}
