import { and, eq, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { counters } from "#lib/db/schema/credit";
import { usdText } from "#lib/services/usd-text";
import { type BudgetedRow, runningPeriod } from "./scope-usage";

/** The US dollars that the running bucket of a scope has spent. "0" without a bucket. */
export async function bucketSpentUsd(
  db: Db | Tx,
  scope: Pick<BudgetedRow, "id" | "budgetPeriod">,
): Promise<string> {
  const period = runningPeriod(scope);
  const [row] = await db
    .select({ spentUsd: counters.spentUsd })
    .from(counters)
    .where(
      and(
        eq(counters.scopeId, scope.id),
        eq(counters.period, period),
        eq(counters.periodStart, sql`tollgate_period_start(${period}::period, statement_timestamp())`),
      ),
    );
  return usdText(row?.spentUsd ?? null);
}
