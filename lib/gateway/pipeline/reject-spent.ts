import type { Caller, CallerBudget } from "#lib/auth/caller";
import type { BudgetState } from "#lib/credit/ledger/hold";
import { parseUsd } from "#lib/credit/money";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { budgetRejected } from "#lib/gateway/rejections/limit-rejections";
import type { Arrival } from "./arrival";
import { authenticate } from "./authenticate";
import { withRateState } from "./rate-limit";

/**
 * Rejects a caller that has already spent one of its hard budgets: before the body is read, so that a blocked
 * caller costs neither memory nor time (contract: the one exception to the order of rejections). What the cache
 * says may be out of date: only a reading since the request arrived rejects it. While the database is unavailable
 * no budget is known, and the failure policy decides.
 * @returns the caller, as last read
 * @throws Rejected insufficient_quota, or as authenticate does
 */
export async function rejectSpent(gateway: Gateway, arrival: Arrival, known: Caller): Promise<Caller> {
  if (known.spentBudgets === null) return known;
  const isCurrent = known.readAtMs >= arrival.receivedAtMs;
  const caller = isCurrent ? known : await authenticate(gateway, arrival, { fresh: true });
  if (caller.spentBudgets === null || caller.readAtMs < arrival.receivedAtMs) return caller;
  const rejection = budgetRejected(caller.spentBudgets.map(budgetState), caller, null);
  throw await withRateState(gateway, arrival, rejection);
}

/**
 * What is wrong with the caller, else the error itself. If the caller came from the cache, it is read again, so that a
 * revoked key gets 401 and a spent budget 429 rather than an error of a later stage.
 */
export async function aboutCaller(
  gateway: Gateway,
  arrival: Arrival,
  known: Caller,
  error: unknown,
): Promise<unknown> {
  if (known.readAtMs >= arrival.receivedAtMs) return error;
  try {
    await rejectSpent(gateway, arrival, await authenticate(gateway, arrival, { fresh: true }));
    return error;
  } catch (callersError) {
    return callersError;
  }
}

const budgetState = ({ scope, idleUsd, heldUsd }: CallerBudget): BudgetState => ({
  scope,
  idlePicoUsd: parseUsd(idleUsd),
  heldPicoUsd: parseUsd(heldUsd),
});
