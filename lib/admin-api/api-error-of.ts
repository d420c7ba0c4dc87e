import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { ApiError } from "#lib/http/api-error";
import { ServiceError, type ServiceErrorCode } from "#lib/http/errors";

const CODES = {
  invalid: "invalid_request",
  forbidden: "forbidden",
  not_found: "not_found",
  conflict: "conflict",
} as const satisfies Record<ServiceErrorCode, string>;

/** PostgreSQL error codes (appendix A of its manual): lock timeout, deadlock, serialization failure. */
const BUSY = /^(55P03|40P01|40001)$/;
/** Text that cannot be stored, or a number or date out of range. */
const UNSTORABLE = /^(22021|22P05|22003|22008)$/;

/**
 * The error that the client gets.
 * @returns null for an unexpected error: its details are only for the log
 */
export function apiErrorOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof ServiceError) {
    const [param = null] = Object.keys(error.fields).filter((field) => field !== "");
    return new ApiError(CODES[error.code], messageOf(error), { param });
  }
  for (const cause of causes(error)) {
    const code = "code" in cause ? String(cause.code) : "";
    if (isDatabaseUnavailable(cause) || BUSY.test(code)) {
      const message = "The database is unavailable or busy. Try again.";
      return new ApiError("service_unavailable", message, { headers: { "retry-after": "1" }, cause: error });
    }
    if (UNSTORABLE.test(code)) {
      return new ApiError("invalid_request", "A value in the request cannot be stored.", { cause: error });
    }
  }
  return null;
}

/** The messages of all fields, each with the field's name unless the message has it. */
function messageOf({ code, fields, message }: ServiceError): string {
  if (code !== "invalid") return message;
  const named = Object.entries(fields).map(([field, text]) =>
    field === "" || text.includes(`"${field}"`) ? text : `${field}: ${text}`,
  );
  return named.length > 0 ? named.join(" ") : message;
}

/** An error and its causes: Drizzle wraps PostgreSQL's. */
function causes(error: unknown, depth = 5): Error[] {
  if (!(error instanceof Error) || depth === 0) return [];
  return [error, ...causes(error.cause, depth - 1)];
}
