import type { PicoUsd } from "#lib/credit/money";
import { ApiError } from "#lib/http/api-error";

/** Waiting helps once a request in flight ends, at an unknown time. */
const RETRY_AFTER = { "retry-after": "1" };

export function concurrencyRejected(): ApiError {
  return new ApiError(
    "concurrency_limit_exceeded",
    "Too many requests are in flight at once. Try again when another has ended.",
    { headers: RETRY_AFTER },
  );
}

/**
 * The rejection of a request that does not fit a budget: for good, or while others are in flight.
 * @param idlePicoUsd what the budget would have left if nothing were held
 */
export function budgetRejected(holdPicoUsd: PicoUsd, idlePicoUsd: PicoUsd): ApiError {
  if (holdPicoUsd <= idlePicoUsd) {
    return new ApiError(
      "budget_in_flight",
      "Requests in flight hold the rest of the budget. Try again when they have ended.",
      { headers: RETRY_AFTER },
    );
  }
  return new ApiError(
    "insufficient_quota",
    "The budget does not cover this request. Ask your administrator to raise it.",
    { headers: { "x-should-retry": "false" } },
  );
}
