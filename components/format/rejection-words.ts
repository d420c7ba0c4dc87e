import type { RejectingBudget } from "#lib/services/rejections/rejection";

const REASONS: Record<string, string> = {
  invalid_api_key: "Invalid API key",
  organization_suspended: "Organization suspended",
  payment_expired: "Payment expired",
  ip_not_allowed: "IP address not allowed",
  model_not_allowed: "Model not allowed",
  model_not_found: "Model not found",
  invalid_request: "Invalid request",
  unsupported_parameter: "Unsupported parameter",
  context_length_exceeded: "Context length exceeded",
  request_too_large: "Request too large",
  request_timeout: "Request timed out",
  unsupported_media_type: "Unsupported media type",
  upgrade_required: "WebSocket rejected",
  rate_limit_exceeded: "Rate limit exceeded",
  concurrency_limit_exceeded: "Too many concurrent requests",
  insufficient_quota: "Budget exhausted",
  budget_in_flight: "Budget held by other requests",
  service_unavailable: "Service unavailable",
  not_found: "Endpoint not found",
  method_not_allowed: "Method not allowed",
};

/** Why a request was rejected, in a few words; an unknown code is shown as it is. */
export const rejectionReason = (code: string): string => REASONS[code] ?? code;

const SCOPES = { organization: "Organization", user: "User", api_key: "Key", app: "App" } as const;
const PERIODS = { day: "daily", week: "weekly", month: "monthly", total: "in total" } as const;

/** Whose budget it was: "Organization, monthly". */
export const rejectingBudgetWords = ({ scope, period }: Pick<RejectingBudget, "scope" | "period">): string =>
  `${SCOPES[scope]}, ${PERIODS[period]}`;
