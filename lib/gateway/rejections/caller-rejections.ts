import type { CallerRejection } from "#lib/auth/caller";
import { ApiError, type ApiErrorCode } from "#lib/http/api-error";
import { apiErrorOf } from "./rejected";

const CODES: ReadonlySet<string> = new Set<ApiErrorCode>([
  "invalid_api_key",
  "organization_suspended",
  "payment_expired",
]);

/** Whether an error says that the caller may not use Tollgate at all. */
export function isCallerRejection(error: unknown): boolean {
  const code = apiErrorOf(error)?.code;
  return code !== undefined && CODES.has(code);
}

/** The same rejection whether reading the caller or placing the hold finds it out. */
export function callerRejected(reason: CallerRejection): ApiError {
  switch (reason) {
    case "invalid_api_key":
      return new ApiError(
        "invalid_api_key",
        "The API key is invalid: it is unknown, revoked or expired. Ask your administrator for a new one.",
      );
    case "unknown_user":
      return new ApiError(
        "invalid_api_key",
        "The header 'x-user-oid' names no user of the app's organization by external_id. Create the user, or let the app do so (create_users) up to its max_created_users.",
        { param: "x-user-oid" },
      );
    case "organization_suspended":
      return new ApiError(
        "organization_suspended",
        "Your organization is suspended. Contact your administrator.",
      );
    case "payment_expired":
      return new ApiError(
        "payment_expired",
        "Your payment has expired. Ask your administrator to extend it.",
      );
  }
}
