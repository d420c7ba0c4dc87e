import "server-only";
import type { Target } from "#lib/providers/lane";

/** What a provider said was wrong, in OpenAI's fields, without what concerns our account there. */
export type ScrubbedError = { message: string; type: string; param: string | null; code: string | null };

const GENERIC = "The provider refused the request.";
const MAX_MESSAGE = 2_000;

/** Keys, organization and project ids, URLs and e-mail addresses: whatever names our account or its hosts. */
const OURS =
  /\b(?:sk|pk|rk|key|gsk|xai|AIza)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\b(?:org|proj|user|acct|ws)[-_][A-Za-z0-9]{6,}|\bhttps?:\/\/[^\s"'<>)]+|\b[\w.+-]+@[\w-]+\.[\w.]+|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g;

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

function scrubText(message: string, target: Target): string {
  const secrets = [target.apiKey, hostOf(target.baseUrl)].filter(
    (secret) => secret !== null && secret !== "",
  );
  const without = secrets.reduce<string>(
    (rest, secret) => rest.replaceAll(String(secret), "[hidden]"),
    message,
  );
  return without.replace(OURS, "[hidden]").slice(0, MAX_MESSAGE);
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
const identifier = (value: unknown) =>
  typeof value === "string" && /^[\w.-]{1,64}$/.test(value) ? value : null;

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
