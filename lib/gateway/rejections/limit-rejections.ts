import type { PicoUsd } from "#lib/credit/money";
import { ApiError } from "#lib/http/api-error";

/** Waiting helps as soon as one of the requests in flight ends; nobody knows when that is. */
const RETRY_AFTER = { "retry-after": "1" };

export function concurrencyRefused(): ApiError {
  return new ApiError(
    "concurrency_limit_exceeded",
    "Too many requests are in flight at once. Send this one again when another has ended.",
    { headers: RETRY_AFTER },
  );
}

/**
 * The refusal of a request that does not fit a budget: for good, or only for as long as others are in flight.
 * @param idlePicoUsd what the budget would have left if nothing were held
 */
export function budgetRefused(holdPicoUsd: PicoUsd, idlePicoUsd: PicoUsd): ApiError {
  if (holdPicoUsd <= idlePicoUsd) {
    return new ApiError(
      "budget_in_flight",
      "What is left of the budget is held by requests in flight. Send this one again when they have ended.",
      { headers: RETRY_AFTER },
    );
  }
  return new ApiError(
    "insufficient_quota",
    "The budget does not cover this request. Ask your administrator to raise it.",
    { headers: { "x-should-retry": "false" } },
  );
}
