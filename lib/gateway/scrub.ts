import "server-only";
import type { Target } from "#lib/providers/lane";
import { scrubText } from "#lib/providers/scrub-text";

/** What a provider said was wrong, in OpenAI's fields, without what concerns our account there. */
export type ScrubbedError = { message: string; type: string; param: string | null; code: string | null };

const GENERIC = "The provider refused the request.";

/**
 * Keeps of a provider's error object what is about the client's request. Fields other than OpenAI's
 * four are dropped, since nobody knows what they hold.
 */
export function scrubbedError(error: unknown, target: Target): ScrubbedError {
  const fields: { message?: unknown; type?: unknown; param?: unknown; code?: unknown } =
    typeof error === "object" && error !== null ? error : { message: error };
  return {
    message: scrubText(text(fields.message) ?? GENERIC, target),
    type: identifier(fields.type) ?? "invalid_request_error",
    param: text(fields.param)?.slice(0, 200) ?? null,
    code: identifier(fields.code),
  };
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
const identifier = (value: unknown) =>
  typeof value === "string" && /^[\w.-]{1,64}$/.test(value) ? value : null;
