/** What a client gets for an error inside a 200, if no other target can serve the request. */
export type Expected = {
  status: number;
  code: string | null;
  /** The beginning of the message. */
  message: string;
  retryAfter?: string;
};

/** An error that a provider sends with a status of 200; `{{api_key}}` is our credential there. */
export type ErrorInside = { name: string; body: unknown; expected: Expected };

export const FAILED = { status: 502, code: "upstream_error" };
export const RATE_LIMITED = {
  status: 429,
  code: "upstream_rate_limited",
  message: "The provider's rate limit",
};
export const OPERATOR_ONLY = { ...FAILED, message: "The provider answered with" };
