import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** Where providers put the words of an error that has no `error` object. */
const WORDS = ["detail", "message", "msg", "error_msg", "error_message", "errmsg", "Message"] as const;
/** States that are not failures: of a queue, or of a request that goes on. */
const HARMLESS =
  /^(?:ok|success|succeeded|ping|info|queued|pending|processing|in_progress|running|started)$/i;
const FAILED = /^(?:error|fail|failed|failure)$/i;

/**
 * The error that a provider's JSON reports besides or instead of an answer, in any of the shapes that are used
 * with a status of 200: `error` (OpenAI and most others), `"object": "error"` (vLLM, FastChat), `"type": "error"`
 * (Anthropic), `errors`, `fault` (Apigee), `base_resp` (MiniMax), `"success": false` and `"status": "error"`.
 * @param hasAnswer whether the body has an answer, too: then words alone (`detail`, `message`) are no error
 * @returns the object that has the error's words; null if no error is reported
 */
export function reportedError(body: unknown, hasAnswer: boolean): JsonObject | null {
  // Google wraps it in a list.
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof whole === "string") return hasAnswer || whole.trim() === "" ? null : { message: whole };
  if (!isObject(whole)) return null;
  const saysSo =
    isSomething(whole.error) ||
    isSomething(whole.errors) ||
    isSomething(whole.fault) ||
    whole.object === "error" ||
    whole.type === "error" ||
    whole.success === false ||
    (typeof whole.status === "string" && FAILED.test(whole.status)) ||
    (isObject(whole.base_resp) && isCode(whole.base_resp.status_code)) ||
    isCode(whole.error_code);
  if (saysSo) return whole;
  return !hasAnswer && hasWords(whole) ? whole : null;
}

/** Whether a field says something: `{}`, `""`, `[]`, `false` and `0` are how some say that there is no error. */
export function isSomething(value: unknown): boolean {
  if (!value) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.values(value).some((field) => field !== null && field !== "");
}

function hasWords(whole: JsonObject): boolean {
  const states = [whole.status, whole.type, whole.event, whole.code];
  if (states.some((state) => state === 0 || state === 200 || HARMLESS.test(String(state)))) return false;
  return WORDS.some((name) => {
    const value = whole[name];
    // A message that is an object is an answer in other dialects.
    return typeof value === "string" ? value !== "" : name === "detail" && isSomething(value);
  });
}

const isCode = (value: unknown) =>
  (typeof value === "number" || typeof value === "string") && !!Number(value);
