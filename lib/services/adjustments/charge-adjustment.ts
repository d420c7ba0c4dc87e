import { sql } from "drizzle-orm";
import { uuidv7 } from "#lib/credit/request-id";
import type { Tx } from "#lib/db/client";
import type { ScopeType } from "#lib/db/schema/credit";
import { type BudgetedRow, runningPeriod } from "#lib/services/usage/scope-usage";
import { usdText } from "#lib/services/usd-text";

/** The scope whose current bucket is adjusted. */
export type AdjustedScope = BudgetedRow & { type: ScopeType; organizationId: string };

/**
 * Writes an adjustment into the ledger and charges it to the current bucket of one scope only, since the
 * scopes above it did pay for the usage.
 * @param amountUsd null refunds everything that the bucket has spent
 * @param actor the name of the actor in the ledger
 */
export async function chargeAdjustment(
  tx: Tx,
  scope: AdjustedScope,
  { amountUsd, reason, actor }: { amountUsd: string | null; reason: string; actor: string },
): Promise<{ id: string; createdAt: string; amountUsd: string }> {
  const id = uuidv7();
  const idOf = (type: ScopeType) => (scope.type === type ? scope.id : null);
  const [row] = await tx.execute<{ amount: string; at_ms: string }>(sql`
    select tollgate_adjust_v1(
      ${id}::uuid, ${scope.type}::scope_type, ${scope.id}::uuid, ${runningPeriod(scope)}::period,
      ${scope.organizationId}::uuid, ${idOf("user")}::uuid, ${idOf("api_key")}::uuid, ${idOf("app")}::uuid,
      ${amountUsd}::numeric, ${reason}::text, ${actor}::text
    ) as amount, floor(extract(epoch from statement_timestamp()) * 1000)::bigint as at_ms`);
  if (row === undefined) throw new Error("tollgate_adjust_v1 returned no row");
  return { id, createdAt: new Date(Number(row.at_ms)).toISOString(), amountUsd: usdText(row.amount) };
}
