import type { ErrorFields } from "#lib/http/api-error";
import { scrubText } from "#lib/providers/scrub-text";
import type { Target } from "#lib/providers/wire";
import { isAboutContent, isAboutOurAccount } from "./about-our-account";
import { errorInObject, type ProviderError } from "./error-body";
import { statusOf } from "./error-status";

const REJECTED = "The provider rejected the request.";
const FAILED: ErrorFields = {
  message: "The provider could not serve the request.",
  type: "server_error",
  param: null,
  code: "upstream_error",
};

const LIMITED: ErrorFields = {
  message: "The provider's rate limit is reached. Try again later.",
  type: "rate_limit_error",
  param: null,
  code: "rate_limit_exceeded",
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

/**
 * The same for a stream's error event. Clients decide by type and code whether to try again: what may pass says
 * so, and an error about our account does too, without its words.
 */
export function scrubbedEvent(detail: unknown, target: Target): ErrorFields {
  const error = errorInObject(detail);
  if (error === null) return FAILED;
  const status = statusOf(error);
  const scrubbed = scrubbedError(error, target);
  if (isOurs(error, status)) return status === 429 && !isAboutMoney(error) ? limited(scrubbed) : FAILED;
  if (status !== null && status < 500 && !MAY_PASS.has(status)) return scrubbed;
  const generic = status === 429 ? LIMITED : FAILED;
  return {
    message: error.message === null ? generic.message : scrubbed.message,
    type: scrubbed.type === error.type ? scrubbed.type : generic.type,
    param: scrubbed.param,
    code: scrubbed.code ?? generic.code,
  };
}

/** Statuses below 500 after which the same request may succeed. */
const MAY_PASS = new Set([408, 409, 425, 429]);
const ABOUT_US = new Set([401, 402, 407]);

function isOurs(error: ProviderError, status: number | null): boolean {
  if (isAboutOurAccount(error) || (status !== null && ABOUT_US.has(status))) return true;
  return status === 403 && !isAboutContent(error);
}

/** An account without money stays so: a rate limit passes. */
const isAboutMoney = ({ message, type, code }: ProviderError) =>
  /quota|billing|balance|credit|budget|payment|arrear/i.test(`${message} ${type} ${code}`);

const NAMES_A_LIMIT = /rate_?limit|exhausted|throttl|too_?many/i;

const limited = ({ type, code }: ErrorFields): ErrorFields => ({
  message: LIMITED.message,
  type: NAMES_A_LIMIT.test(type) ? type : LIMITED.type,
  param: null,
  code: code !== null && NAMES_A_LIMIT.test(code) ? code : LIMITED.code,
});
