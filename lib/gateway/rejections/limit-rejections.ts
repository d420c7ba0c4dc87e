import { type BudgetState, freeIn, tightestOf } from "#lib/credit/ledger/hold";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { Payer } from "#lib/db/payer";
import type { Period } from "#lib/db/schema/columns";
import type { ScopeType } from "#lib/db/schema/credit";
import { ApiError } from "#lib/http/api-error";
import { shortUsd } from "./short-usd";
import { WHOSE } from "./whose";

/** Waiting helps once a request in flight ends, at an unknown time. */
const RETRY_AFTER = { "retry-after": "1" };

const PERIODS: Readonly<Record<Period, string>> = {
  day: "daily budget",
  week: "weekly budget",
  month: "monthly budget",
  total: "budget",
};

export function concurrencyRejected(): ApiError {
  return new ApiError(
    "concurrency_limit_exceeded",
    "Too many requests are in flight at once. Try again when another has ended.",
    { headers: RETRY_AFTER },
  );
}

/**
 * The rejection of a request that does not fit its caller's budgets: `budget_in_flight` if it would once the
 * requests in flight have ended, else `insufficient_quota`. It names the budget that decides: the one with the
 * least left, counting held money only if waiting helps.
 * @param neededPicoUsd the least that the request needs; null before its body is read, for a spent budget
 * @throws Error without any budget
 */
export function budgetRejected(
  budgets: readonly BudgetState[],
  payer: Payer,
  neededPicoUsd: PicoUsd | null,
): ApiError {
  const idle = tightestOf(budgets, ({ idlePicoUsd }) => idlePicoUsd);
  const isInFlight = neededPicoUsd !== null && neededPicoUsd <= idle.idlePicoUsd;
  const budget = isInFlight ? tightestOf(budgets, freeIn) : idle;
  const period = periodOf(payer, budget.scope);
  const left = notNegative(freeIn(budget));
  const { scope, heldPicoUsd } = budget;
  const held = heldPicoUsd === 0n ? "" : ` and ${shortUsd(heldPicoUsd, "down")} held for requests in flight`;
  const needed =
    neededPicoUsd === null ? "" : `, and this request needs at least ${shortUsd(neededPicoUsd, "up")}`;
  const state = `The ${PERIODS[period]} of ${WHOSE[scope]} has ${shortUsd(left, "down")} left${held}${needed}.`;
  const details = {
    scope,
    period,
    remainingUsd: formatUsd(left),
    heldUsd: formatUsd(heldPicoUsd),
    neededUsd: neededPicoUsd === null ? null : formatUsd(neededPicoUsd),
  };
  return isInFlight
    ? new ApiError("budget_in_flight", `${state} Try again when they have ended.`, {
        headers: RETRY_AFTER,
        budget: details,
      })
    : new ApiError("insufficient_quota", `${state} Ask your administrator to raise the budget.`, {
        headers: { "x-should-retry": "false" },
        budget: details,
      });
}

function periodOf(payer: Payer, scope: ScopeType): Period {
  switch (scope) {
    case "organization":
      return payer.organizationPeriod;
    case "user":
      return payer.userPeriod;
    case "api_key":
      return payer.apiKeyPeriod;
    case "app":
      return payer.appPeriod;
  }
}

const notNegative = (picoUsd: PicoUsd): PicoUsd => (picoUsd > 0n ? picoUsd : 0n);
