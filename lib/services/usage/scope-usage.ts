import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import type { Db, Tx } from "#lib/db/client";
import type { Period } from "#lib/db/schema/columns";
import { counters, ledger, ledgerState, type ScopeType } from "#lib/db/schema/credit";
import { usageDays, usageGroups, usagePending } from "#lib/db/schema/usage";
import { instantField, signedUsdField, usdField } from "#lib/services/fields";
import { usdText } from "#lib/services/usd-text";
import { isOnlyInLedger, isRolledUp } from "./rolled-up";

/** A budget and what is left of it in its running period. */
export const BudgetState = z
  .object({
    limit_usd: usdField,
    spent_usd: signedUsdField.describe(
      "Costs and adjustments, also from before a move within the period. Negative after a larger refund.",
    ),
    held_usd: usdField.describe("Held for requests in flight."),
    remaining_usd: usdField.describe("Never negative."),
  })
  .meta({ id: "BudgetState" });

/**
 * The usage of a scope in the running period of its budget, or in the current month without one. A user or key that has
 * moved left the usage to the organization where it was, but keeps the budget and what that has spent in the period.
 */
export const ScopeUsage = z
  .object({
    period: z.object({
      start: instantField.describe(
        'In UTC. For "total": when the organization, user, key or app was created.',
      ),
      end: instantField.nullable().describe('Exclusive. Null for "total", which never ends.'),
    }),
    budget: BudgetState.nullable(),
    requests: z.int().describe("In the scope's organization, as are tokens and cost."),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cost_usd: usdField.describe("The cost of its requests, without adjustments."),
  })
  .meta({ id: "ScopeUsage" });
export type ScopeUsage = z.output<typeof ScopeUsage>;

/** The columns with the budget of a scope. */
export type BudgetedRow = {
  id: string;
  budgetLimitUsd: string | null;
  budgetPeriod: Period | null;
  createdAt: Date;
};

/** A scope in its organization; null for an administrator of the installation, who has no usage. */
type ScopeRow = BudgetedRow & { organizationId: string | null };

/** The period of the bucket that a scope's limit, usage and adjustments apply to. */
export const runningPeriod = (row: Pick<BudgetedRow, "budgetPeriod">): Period => row.budgetPeriod ?? "month";

/**
 * Returns the usage of a scope: the budget from its counter, the rest from the daily rollup, what is
 * pending for it, and the ledger where an upgrade has not summed it yet. The caller has checked
 * that the actor may see the scope.
 * @param at a time in the period; the database's clock by default
 */
export async function scopeUsage(
  db: Db | Tx,
  type: ScopeType,
  scope: ScopeRow,
  at?: Date,
): Promise<ScopeUsage> {
  const period = runningPeriod(scope);
  const isOf = (columns: typeof usageGroups | typeof usagePending | typeof ledger) =>
    sql`${columns[USAGE_COLUMN[type]]} = ${scope.id} and ${columns.organizationId} = ${scope.organizationId}::uuid`;
  const [row] = await db.execute<UsageRow>(sql`
    with span as (
      select p.start, case ${period}::period when 'total' then null
        else (p.start at time zone 'UTC' + ${STEP[period]}::interval) at time zone 'UTC' end as "end"
      from tollgate_period_start(
        ${period}::period, coalesce(${at?.toISOString() ?? null}::timestamptz, statement_timestamp())
      ) as p (start)
    )
    select (extract(epoch from span.start) * 1000)::bigint as start_ms,
      (extract(epoch from span.end) * 1000)::bigint as end_ms, c.spent_usd, c.held_usd, used.*
    from span
    left join ${counters} c
      on c.scope_id = ${scope.id} and c.period = ${period}::period and c.period_start = span.start
    cross join lateral (
      select coalesce(sum(u.requests), 0) as requests, coalesce(sum(u.input_tokens), 0) as input_tokens,
        coalesce(sum(u.output_tokens), 0) as output_tokens, coalesce(sum(u.cost_usd), 0) as cost_usd
      from (
        select requests, input_tokens, output_tokens, cost_usd
        from ${usageGroups} join ${usageDays} on ${eq(usageDays.groupId, usageGroups.id)}
        where ${eq(usageGroups.cut, type === "organization" ? type : "owner")} and ${eq(usageGroups.model, "")} and ${isOf(usageGroups)}
          and ${usageDays.day} >= (span.start at time zone 'UTC')::date
          and (span.end is null or ${usageDays.day} < (span.end at time zone 'UTC')::date)
        union all
        select requests, input_tokens, output_tokens, cost_usd
        from ${usagePending}, ${ledgerState}
        where ${isOf(usagePending)} and ${isRolledUp(usagePending.at)} and ${usagePending.at} >= span.start
          and (span.end is null or ${usagePending.at} < span.end)
        union all
        select 1, input_tokens, output_tokens, cost_usd
        from ${ledger}, ${ledgerState} where ${isOf(ledger)} and ${isOnlyInLedger(sql`span.start`, sql`span.end`)}
      ) u
    ) used`);
  if (row === undefined) throw new Error("the usage query returned no row");
  return {
    period: {
      start: (period === "total" ? scope.createdAt : new Date(Number(row.start_ms))).toISOString(),
      end: row.end_ms === null ? null : new Date(Number(row.end_ms)).toISOString(),
    },
    budget: scope.budgetLimitUsd === null ? null : budgetOf(scope.budgetLimitUsd, row),
    requests: Number(row.requests),
    input_tokens: Number(row.input_tokens),
    output_tokens: Number(row.output_tokens),
    cost_usd: usdText(row.cost_usd),
  };
}

/**
 * The budget of a scope in its running period; null without one. In the transaction of an adjustment, which has locked the
 * counter, it is exact.
 */
export async function budgetState(
  db: Db | Tx,
  { id, budgetLimitUsd, budgetPeriod }: BudgetedRow,
): Promise<z.output<typeof BudgetState> | null> {
  if (budgetLimitUsd === null) return null;
  const [row] = await db
    .select({ spent_usd: counters.spentUsd, held_usd: counters.heldUsd })
    .from(counters)
    .where(
      and(
        eq(counters.scopeId, id),
        eq(counters.period, runningPeriod({ budgetPeriod })),
        eq(
          counters.periodStart,
          sql`tollgate_period_start(${runningPeriod({ budgetPeriod })}::period, statement_timestamp())`,
        ),
      ),
    );
  return budgetOf(budgetLimitUsd, row ?? { spent_usd: null, held_usd: null });
}

type UsageRow = {
  start_ms: string;
  end_ms: string | null;
  spent_usd: string | null;
  held_usd: string | null;
  requests: string;
  input_tokens: string;
  output_tokens: string;
  cost_usd: string;
};

const STEP: Record<Period, string | null> = {
  day: "1 day",
  week: "1 week",
  month: "1 month",
  total: null,
};

const USAGE_COLUMN = {
  organization: "organizationId",
  user: "userId",
  api_key: "apiKeyId",
  app: "appId",
} as const;

function budgetOf(limitUsd: string, row: Pick<UsageRow, "spent_usd" | "held_usd">) {
  const limit = parseUsd(limitUsd);
  const spent = parseUsd(row.spent_usd ?? "0");
  const held = parseUsd(row.held_usd ?? "0");
  const left = limit - spent - held;
  return {
    limit_usd: formatUsd(limit),
    spent_usd: formatUsd(spent),
    held_usd: formatUsd(held),
    remaining_usd: formatUsd(left > 0n ? left : 0n),
  };
}
