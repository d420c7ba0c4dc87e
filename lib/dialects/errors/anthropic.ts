import { type ApiError, type ErrorFields, errorFields } from "#lib/http/api-error";
import type { ErrorShape } from "./error-shape";

/** Anthropic's types of errors (platform.claude.com/docs/en/api/errors). */
const TYPES: ReadonlySet<string> = new Set([
  "invalid_request_error",
  "authentication_error",
  "billing_error",
  "permission_error",
  "not_found_error",
  "conflict_error",
  "request_too_large",
  "rate_limit_error",
  "api_error",
  "timeout_error",
  "overloaded_error",
]);

/** What Anthropic calls errors of ours by another type than OpenAI. */
const TYPE_OF_CODE: ReadonlyMap<string, string> = new Map([
  ["model_not_found", "not_found_error"],
  ["not_found", "not_found_error"],
  ["request_too_large", "request_too_large"],
  ["insufficient_quota", "billing_error"],
  ["service_unavailable", "overloaded_error"],
]);

/** Claude Code would send a request again for minutes. */
const FINAL: ReadonlySet<string> = new Set(["invalid_api_key", "insufficient_quota"]);

/** The type by what the error calls itself; what is no type of Anthropic's is an error of the API. */
function typeOf({ code, type }: ErrorFields): string {
  const known = code === null ? undefined : TYPE_OF_CODE.get(code);
  return known ?? (TYPES.has(type) ? type : "api_error");
}

const errorOf = (error: ErrorFields) => ({ type: typeOf(error), message: error.message });

/** The event that tells a client that a stream has failed. */
export const anthropicFailedEvent = (error: ErrorFields): Buffer =>
  Buffer.from(`event: error\ndata: ${JSON.stringify({ type: "error", error: errorOf(error) })}\n\n`);

const bodyOf = (error: ErrorFields, requestId: string): string =>
  JSON.stringify({ type: "error", error: errorOf(error), request_id: requestId });

/** Clients compact their conversation at this wording alone. */
const wordsOf = ({ message, contextTokens: context }: ApiError): string =>
  context === null ? message : `prompt is too long: ${context.input} tokens > ${context.most} maximum`;

/** A provider may be overloaded, too. */
function fieldsOf(error: ApiError): ErrorFields {
  const fields = { ...errorFields(error), message: wordsOf(error) };
  return error.status === 503 ? { ...fields, type: "overloaded_error" } : fields;
}

/** Anthropic's errors: `{"type": "error", "error": {"type", "message"}, "request_id"}`, with our code in a header. */
export const anthropicErrors: ErrorShape = {
  body: (error, requestId) => bodyOf(fieldsOf(error), requestId),
  headers: ({ code }: ApiError) => {
    const own = { "x-tollgate-code": code };
    return FINAL.has(code) ? { ...own, "x-should-retry": "false" } : own;
  },
  providerError: bodyOf,
};
