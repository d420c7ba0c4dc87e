/** The error codes of both planes and their HTTP statuses. */
export const ERROR_STATUS = {
  invalid_request: 400,
  context_length_exceeded: 400,
  unsupported_parameter: 400,
  invalid_api_key: 401,
  payment_expired: 403,
  model_not_allowed: 403,
  ip_not_allowed: 403,
  forbidden: 403,
  organization_suspended: 403,
  model_not_found: 404,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  idempotency_key_reused: 409,
  request_too_large: 413,
  unsupported_media_type: 415,
  upgrade_required: 426,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  budget_in_flight: 429,
  concurrency_limit_exceeded: 429,
  upstream_rate_limited: 429,
  client_closed_request: 499,
  internal_error: 500,
  upstream_error: 502,
  service_unavailable: 503,
  upstream_timeout: 504,
} as const;

export type ApiErrorCode = keyof typeof ERROR_STATUS;

/** OpenAI's `type` for a status. SDKs act on the status; the type is for people. */
function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** The budget that a request was rejected for. Amounts in US dollars. */
export type RejectingBudget = {
  scope: "organization" | "user" | "api_key" | "app";
  period: "day" | "week" | "month" | "total";
  remainingUsd: string;
  heldUsd: string;
  /** The least that the request needs; null if its body was not read. */
  neededUsd: string | null;
};

export type ApiErrorOptions = {
  /** The invalid request field, such as `messages[0].role`. */
  param?: string | null;
  headers?: Record<string, string>;
  /** For the administrators' list of rejections; the client gets the message. */
  budget?: RejectingBudget;
  cause?: unknown;
  /** For `context_length_exceeded`: the tokens of the input, and the most that the model takes. */
  contextTokens?: { input: number; most: number };
  /** In place of the code's own: a provider's. */
  status?: number | undefined;
  /** Whether the request may go on without `param`, if an administrator allows it. */
  isDroppable?: boolean;
};

/** An error as the client sees it. The message is one line, says what to do and holds no secret. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly budget: RejectingBudget | null;
  readonly contextTokens: { input: number; most: number } | null;
  readonly isDroppable: boolean;

  constructor(
    code: ApiErrorCode,
    message: string,
    { param = null, headers = {}, budget, cause, contextTokens, status, isDroppable }: ApiErrorOptions = {},
  ) {
    super(inOneLine(message), { cause });
    this.code = code;
    this.status = status ?? ERROR_STATUS[code];
    this.param = param;
    this.headers = headers;
    this.budget = budget ?? null;
    this.contextTokens = contextTokens ?? null;
    this.isDroppable = isDroppable ?? false;
  }
}

/** Messages may quote the client: line breaks and control characters become JSON escapes. */
function inOneLine(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : escaped;
  });
}

/** An error in OpenAI's four fields. */
export type ErrorFields = { message: string; type: string; param: string | null; code: string | null };

export const errorFields = ({ message, status, param, code }: ApiError): ErrorFields => ({
  message,
  type: typeOf(status),
  param,
  code,
});

/** The JSON body of an error, in OpenAI's shape. */
export const errorBody = (error: ApiError): string => JSON.stringify({ error: errorFields(error) });

/** What is made; null where making it is rejected. */
export function unlessRejected<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** The HTTP response for an error. */
export function errorResponse(error: ApiError, requestId: string): Response {
  return new Response(errorBody(error), {
    status: error.status,
    headers: { ...error.headers, "content-type": "application/json", "x-request-id": requestId },
  });
}
