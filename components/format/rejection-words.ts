const REASONS: Record<string, string> = {
  invalid_api_key: "Unknown or ended key",
  organization_suspended: "Organization suspended",
  payment_expired: "Payment expired",
  ip_not_allowed: "Address not allowed",
  model_not_allowed: "Model not allowed",
  model_not_found: "No such model",
  invalid_request: "Invalid request",
  unsupported_parameter: "Unsupported parameter",
  context_length_exceeded: "Too long for the model",
  request_too_large: "Body too large",
  request_timeout: "Body too slow",
  unsupported_media_type: "Body not readable",
  rate_limit_exceeded: "Rate limit",
  concurrency_limit_exceeded: "Too many at once",
  insufficient_quota: "Budget used up",
  budget_in_flight: "Budget held by others",
  service_unavailable: "Not available",
  not_found: "No such address",
  method_not_allowed: "Wrong method",
};

/** Why a request was refused, in a few words; a reason without any is told by its code. */
export const rejectionReason = (code: string): string => REASONS[code] ?? code;
