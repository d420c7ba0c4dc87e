import type { ApiError, ErrorFields } from "#lib/http/api-error";

/** How a dialect's clients expect an error. */
export type ErrorShape = {
  /** The body for an error of ours. */
  body: (error: ApiError, requestId: string) => string;
  /** Headers that an error of ours needs besides its own. */
  headers: (error: ApiError) => Readonly<Record<string, string>>;
  /** The body for a provider's error about the client's request, scrubbed. */
  providerError: (error: ErrorFields, requestId: string) => string;
};
