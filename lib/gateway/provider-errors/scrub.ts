import { scrubText } from "#lib/providers/scrub-text";
import type { Target } from "#lib/providers/wire";
import { isAboutOurAccount } from "./about-our-account";
import { errorInEvent, type ProviderError } from "./error-body";

/** What a provider said was wrong, in OpenAI's fields, without what concerns our account there. */
export type ScrubbedError = { message: string; type: string; param: string | null; code: string | null };

const REFUSED = "The provider refused the request.";
const FAILED: ScrubbedError = {
  message: "The provider could not serve the request.",
  type: "server_error",
  param: null,
  code: "upstream_error",
};

/**
 * Keeps of a provider's error what is about the client's request. Fields other than OpenAI's four are
 * dropped, since nobody knows what they hold.
 */
export function scrubbedError(error: ProviderError | null, target: Target): ScrubbedError {
  const scrubbed = (text: string | null | undefined) => (text ? scrubText(text, target) : "");
  const identifier = (text: string | null | undefined) =>
    text && /^[\w.-]{1,64}$/.test(text) && scrubbed(text) === text ? text : null;
  return {
    message: scrubbed(error?.message) || REFUSED,
    type: identifier(error?.type) ?? "invalid_request_error",
    param: scrubbed(error?.param).slice(0, 200) || null,
    code: identifier(error?.code),
  };
}

/** The same for an error event in a stream, where there is no other target to ask: what is about our account is only a failure. */
export function scrubbedEvent(detail: unknown, target: Target): ScrubbedError {
  const error = errorInEvent(detail);
  return error !== null && isAboutOurAccount(error) ? FAILED : scrubbedError(error, target);
}
