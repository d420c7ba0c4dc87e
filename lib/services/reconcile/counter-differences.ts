import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { period } from "#lib/db/schema/columns";
import { counters, ledger, scopeType } from "#lib/db/schema/credit";
import { instantField, signedUsdField } from "#lib/services/fields";
import { createdWithin } from "#lib/services/requests/created-within";
import { usdText } from "#lib/services/usd-text";
import type { ReconciledDays } from "./reconciled-days";

const MOST_SHOWN = 100;

const Balance = z.object({
  spent_usd: signedUsdField,
  held_usd: signedUsdField,
  open_holds: z.int(),
});

/** A counter that differs from its rows in the ledger. */
export const CounterDifference = z
  .object({
    scope: z
      .object({ type: z.enum(scopeType.enumValues), id: z.uuid() })
      .nullable()
      .describe("Null if rows name a counter that does not exist."),
    period: z.enum(period.enumValues).nullable(),
    period_start: instantField.nullable().describe('Null for "total".'),
    counter: Balance.describe("The balance in the counter."),
    ledger: Balance.describe("The balance calculated from its rows and its opening balance."),
  })
  .meta({ id: "CounterDifference" });
export type CounterDifference = z.output<typeof CounterDifference>;

/**
 * Compares each counter whose period lies within some days with the ledger rows that name it, which were created in its
 * period. The rows that retention removed are in its opening balance (tollgate_delete_requests_v1).
 */
export async function counterDifferences(tx: Tx, days: ReconciledDays) {
  const isWithin = liesWithin(days);
  const [count] = await tx.execute<{ checked: string }>(
    sql`select count(*) as checked from ${counters} where ${isWithin}`,
  );
  const rows = await tx.execute<Row>(sql`
    with named as (
      select b.id, coalesce(sum(cost_usd) filter (where status in ('settled', 'swept', 'adjustment')), 0) as spent,
        coalesce(sum(hold_usd) filter (where status = 'held'), 0) as held,
        count(*) filter (where status = 'held' and instance_id is not null) as open
      from ${ledger}, unnest(counter_ids) as b (id) where ${createdWithin(days.from, days.to) ?? sql`true`} group by b.id
    ), compared as (
      select c.scope_type, c.scope_id, c.period, extract(epoch from c.period_start) * 1000 as start_ms,
        coalesce(c.spent_usd, 0) as spent, coalesce(c.held_usd, 0) as held, coalesce(c.open_holds, 0)::bigint as open,
        coalesce(c.opening_usd, 0) + coalesce(n.spent, 0) as ledger_spent, coalesce(n.held, 0) as ledger_held,
        coalesce(n.open, 0) as ledger_open
      from (select *, ${isWithin} as is_checked from ${counters}) c full join named n on n.id = c.id
      where c.is_checked is not false
    )
    select *, count(*) over () as different from compared
    where (spent, held, open) is distinct from (ledger_spent, ledger_held, ledger_open)
    order by scope_type, scope_id, period, start_ms limit ${MOST_SHOWN}`);
  return {
    checked: Number(count?.checked ?? 0),
    different: Number(rows[0]?.different ?? 0),
    data: rows.map(toDifference),
  };
}

/** Whether the period of a counter lies within some days, so that all rows that name it were created within them. */
function liesWithin({ from, to }: ReconciledDays): SQL {
  const end = sql`(period_start at time zone 'UTC' + ('1 ' || period)::interval) at time zone 'UTC'`;
  const conditions = [
    from && sql`period_start >= ${from.toISOString()}::timestamptz`,
    to && sql`case when period = 'total' then false else ${end} <= ${to.toISOString()}::timestamptz end`,
    from && sql`period <> 'total'`,
  ].filter((condition) => condition !== undefined);
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}

type Row = {
  scope_type: (typeof scopeType.enumValues)[number] | null;
  scope_id: string | null;
  period: (typeof period.enumValues)[number] | null;
  start_ms: string | null;
  spent: string;
  held: string;
  open: string;
  ledger_spent: string;
  ledger_held: string;
  ledger_open: string;
  different: string;
};

const toDifference = (row: Row): CounterDifference => ({
  scope: row.scope_type === null || row.scope_id === null ? null : { type: row.scope_type, id: row.scope_id },
  period: row.period,
  period_start:
    row.start_ms === null || row.period === "total" ? null : new Date(Number(row.start_ms)).toISOString(),
  counter: { spent_usd: usdText(row.spent), held_usd: usdText(row.held), open_holds: Number(row.open) },
  ledger: {
    spent_usd: usdText(row.ledger_spent),
    held_usd: usdText(row.ledger_held),
    open_holds: Number(row.ledger_open),
  },
});
