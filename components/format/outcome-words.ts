import type { LedgerRequest } from "#lib/services/requests/ledger-request";

/** The fields of a request that decide how its outcome is worded. */
export type Outcome = Pick<LedgerRequest, "status" | "usage_source" | "http_status" | "cost_usd">;

const CLIENT_CLOSED_REQUEST = 499;

/**
 * How a request ended and what was charged for it, in a sentence. The provider is named as the source of a charge only
 * if the usage is what it reported (`usage_source`).
 */
export function outcomeWords(outcome: Outcome): string {
  const { status, http_status: httpStatus } = outcome;
  if (status === "held") return "In progress, with money on hold.";
  if (status === "released") return "Not charged: the whole hold was returned.";
  if (status === "adjustment") return "A manual correction.";
  if (status === "swept") return "Charged by estimate, because the process ended before settlement.";
  const ending =
    httpStatus === CLIENT_CLOSED_REQUEST
      ? "The client disconnected"
      : httpStatus !== null && httpStatus >= 400
        ? "Failed"
        : "Answered";
  return `${ending}. ${chargeWords(outcome)}`;
}

function chargeWords({ usage_source: source, http_status: httpStatus, cost_usd: costUsd }: Outcome): string {
  if (source === null) return costUsd === "0" ? "Not charged." : "Charged.";
  if (source === "provider") return "Charged what the provider reported.";
  return httpStatus === CLIENT_CLOSED_REQUEST
    ? "Charged by estimate, because the provider was stopped before it reported its usage."
    : "Charged by estimate, because the provider reported no usage.";
}

/** Why a request cost more than its hold, in a sentence. */
export const overrunWords = ({ usage_source: source }: Pick<Outcome, "usage_source">): string =>
  source === "estimated"
    ? "The estimate is more than was held."
    : "The provider billed more than was held. If it ignores the output bound, an administrator can set output_limit_field in its settings to the name that it reads.";
