import { sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { counters } from "#lib/db/schema/credit";
import type { Budget } from "#lib/services/limits";
import { usdText } from "#lib/services/usd-text";

/** The US dollars that the running bucket of a scope has spent and holds. */
export type RunningSpend = { spent_usd: string; held_usd: string };

/**
 * Adds to each scope what its running bucket has spent, for its budget's period or the current month without
 * one. Runs one statement for all. The caller has checked that the actor may see them.
 */
export async function withRunningSpend<Scope extends { id: string; budget: Budget | null }>(
  db: Db | Tx,
  scopes: readonly Scope[],
): Promise<(Scope & RunningSpend)[]> {
  if (scopes.length === 0) return [];
  const wanted = JSON.stringify(scopes.map(({ id, budget }) => ({ id, period: budget?.period ?? "month" })));
  const rows = await db.execute<RunningSpend & { scope_id: string }>(sql`
    select c.scope_id, c.spent_usd, c.held_usd
    from jsonb_to_recordset(${wanted}::text::jsonb) as s (id uuid, period period)
    join ${counters} c on c.scope_id = s.id and c.period = s.period
      and c.period_start = tollgate_period_start(s.period, statement_timestamp())`);
  const spends = new Map(rows.map(({ scope_id: id, ...spend }) => [id, spend]));
  return scopes.map((scope) => {
    const { spent_usd: spent = null, held_usd: held = null } = spends.get(scope.id) ?? {};
    return { ...scope, spent_usd: usdText(spent), held_usd: usdText(held) };
  });
}
