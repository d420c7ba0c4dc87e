import type { ErrorFields } from "#lib/http/api-error";
import { scrubText } from "#lib/providers/scrub-text";
import type { Target } from "#lib/providers/wire";
import { isAboutOurAccount } from "./about-our-account";
import { errorInObject, type ProviderError } from "./error-body";

const REJECTED = "The provider rejected the request.";
const FAILED: ErrorFields = {
  message: "The provider could not serve the request.",
  type: "server_error",
  param: null,
  code: "upstream_error",
};

/**
 * Keeps what a provider's error says about the client's request, without our keys, ids and hosts. Fields other
 * than OpenAI's four are dropped, since they may contain anything.
 */
export function scrubbedError(error: ProviderError | null, target: Target): ErrorFields {
  const scrubbed = (text: string | null | undefined) => (text ? scrubText(text, target) : "");
  const identifier = (text: string | null | undefined) =>
    text && /^[\w.-]{1,64}$/.test(text) && scrubbed(text) === text ? text : null;
  return {
    message: scrubbed(error?.message) || REJECTED,
    type: identifier(error?.type) ?? "invalid_request_error",
    param: scrubbed(error?.param).slice(0, 200) || null,
    code: identifier(error?.code),
  };
}

/** The same for a stream's error event: an error about our account becomes a generic failure. */
export function scrubbedEvent(detail: unknown, target: Target): ErrorFields {
  const error = errorInObject(detail);
  return error !== null && isAboutOurAccount(error) ? FAILED : scrubbedError(error, target);
}
