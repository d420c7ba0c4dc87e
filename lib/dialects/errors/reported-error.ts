import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { isSomething, plainFields, wrappedIn } from "./plain-fields";

/** Where providers put the words of an error that has no `error` object. */
const WORDS = ["detail", "message", "msg", "errormsg", "errormessage", "errmsg", "faultstring"] as const;
/** Fields that only an error has. */
const CAUSES = ["error", "errors", "fault"] as const;
const CAUSES_WITHOUT_ANSWER = ["exception", "traceback", "stacktrace", "err", "odataerror"] as const;
/** States that are not failures: of a queue, or of a request that goes on. */
const HARMLESS =
  /^(?:ok|success|successful|succeeded|ping|info|queued|pending|processing|in_progress|running|started|0|200)$/i;
const FAILED = /^(?:error|fail|failed|failure)$/i;
const MOST_LAYERS = 3;

/**
 * The error that a provider's JSON reports besides or instead of an answer, in any of the shapes that are used
 * with a status of 200: `error` (OpenAI and most others), `"object": "error"` (vLLM, FastChat), `"type": "error"`
 * (Anthropic), `errors`, `fault` (Apigee), `base_resp` (MiniMax), `"success": false`, `"status": "error"`, an
 * `error_code`, and without an answer an exception, a status of 400 or above, or words alone; in any spelling of
 * their names, and within what wraps them (`{"Response": {"Error": {…}}}`).
 * @param hasAnswer whether the body has an answer, too: then words alone (`detail`, `message`) are no error
 * @returns the object that has the error's words; null if no error is reported
 */
export function reportedError(body: unknown, hasAnswer: boolean): JsonObject | null {
  // Google wraps it in a list.
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof whole === "string") return hasAnswer || whole.trim() === "" ? null : { message: whole };
  if (!isObject(whole) || (hasAnswer && isOrdinary(whole))) return null;
  const fields = plainFields(whole);
  if (saysSo(fields)) return whole;
  if (hasAnswer) return null;
  return hasFailed(fields) || hasWords(fields) ? whole : wrappedError(fields, MOST_LAYERS);
}

/** What answers have, of which none says by itself that something is wrong. */
const ORDINARY: ReadonlySet<string> = new Set([
  "id",
  "created",
  "model",
  "choices",
  "usage",
  "system_fingerprint",
  "service_tier",
]);

/** Whether an answer has none of the fields that `saysSo` reads, in any spelling, but its own `object`. */
function isOrdinary(answer: JsonObject): boolean {
  for (const name of Object.keys(answer)) {
    if (!ORDINARY.has(name) && (name !== "object" || answer.object === "error")) return false;
  }
  return true;
}

function saysSo(fields: JsonObject): boolean {
  const { object, type, success, status, baseresp: base, errorcode } = fields;
  return (
    CAUSES.some((name) => isSomething(fields[name])) ||
    object === "error" ||
    type === "error" ||
    success === false ||
    (typeof status === "string" && FAILED.test(status)) ||
    (isObject(base) && isCode(base.status_code)) ||
    isCode(errorcode)
  );
}

/** The same in ways that an answer may have, too. */
function hasFailed(fields: JsonObject): boolean {
  const { ok, iserror, type, status, statuscode, code, httpstatus } = fields;
  return (
    CAUSES_WITHOUT_ANSWER.some((name) => isSomething(fields[name])) ||
    isObject(fields.errormsg) ||
    ok === false ||
    iserror === true ||
    // AWS: `"__type": "ThrottlingException"`
    (typeof type === "string" && /(?:exception|error|fault)$/i.test(type)) ||
    [status, statuscode, code, httpstatus].some((value) => /^[45]\d\d$/.test(wordOf(value)))
  );
}

/** A state as a word. An object has none: one with a `toString` of its own cannot even be made a text. */
const wordOf = (state: unknown): string =>
  typeof state === "string" || typeof state === "number" ? String(state) : "";

function hasWords(fields: JsonObject): boolean {
  const { status, type, event, code } = fields;
  if ([status, type, event, code].some((state) => HARMLESS.test(wordOf(state)))) return false;
  return WORDS.some((name) => {
    const value = fields[name];
    // A message that is an object is an answer in other dialects.
    if (typeof value === "string") return value !== "" && !HARMLESS.test(value);
    return name === "detail" && isSomething(value);
  });
}

/** What is wrapped may be an answer in another dialect: words alone are no error there. */
function wrappedError(fields: JsonObject, layers: number): JsonObject | null {
  if (layers === 0) return null;
  for (const inner of wrappedIn(fields)) {
    const within = plainFields(inner);
    if (
      saysSo(within) ||
      hasFailed(within) ||
      (isCode(within.code) && (hasWords(within) || isSomething(within.description)))
    )
      return inner;
    const deeper = wrappedError(within, layers - 1);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** A number but zero, or a name: `REQUEST_LIMIT_EXCEEDED`. */
const isCode = (value: unknown) =>
  (typeof value === "number" && value !== 0) ||
  (typeof value === "string" && value !== "" && Number(value) !== 0 && !HARMLESS.test(value));
