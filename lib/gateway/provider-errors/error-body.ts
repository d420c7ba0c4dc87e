import { isSomething, plainFields, wrappedIn } from "#lib/dialects/errors/plain-fields";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedJson } from "#lib/http/parsed-json";

/** A provider's error in OpenAI's four fields; null where the provider says nothing. */
export type ProviderError = {
  message: string | null;
  type: string | null;
  param: string | null;
  code: string | null;
  /** The HTTP status that the error itself names. */
  status: number | null;
};

/** Proxies between us and the provider nest errors in errors. */
const MAX_LAYERS = 4;
const MAX_DETAILS = 5;

/**
 * Reads the body of an error answer, in any of the shapes that providers use.
 * @returns null if it contains no error
 */
export function errorInBody(text: string): ProviderError | null {
  return errorIn(parsedJson(text), MAX_LAYERS);
}

/** Reads the object that reports an error inside a 200 (lib/dialects/errors/reported-error.ts). */
export function errorInObject(detail: unknown): ProviderError | null {
  return errorIn(detail, MAX_LAYERS);
}

function errorIn(body: unknown, layers: number): ProviderError | null {
  // Google wraps it in a list.
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  if (!isObject(whole) || layers === 0) return null;
  const fields = plainFields(whole);
  const cause = CAUSES.map((name) => fields[name]).find(isSomething);
  const error =
    (cause === undefined ? null : errorInCause(cause, fields, layers)) ?? fromFields(fields, layers);
  if (error !== null && error.message !== null) return error;
  for (const inner of wrappedIn(fields)) {
    const wrapped = errorIn(inner, layers - 1);
    if (wrapped !== null && wrapped.message !== null) return within(fields, wrapped);
  }
  return error;
}

/** Where an error is, the most common first. `errors` is Cloudflare's and JSON:API's, `base_resp` MiniMax's. */
const CAUSES = ["error", "errors", "fault", "baseresp", "exception", "odataerror", "err"];

function errorInCause(cause: unknown, fields: JsonObject, layers: number): ProviderError | null {
  const [first] = Array.isArray(cause) ? cause : [cause];
  // xAI and Ollama: the message alone, with or without a code next to it.
  if (typeof first === "string") return fromFields({ ...fields, message: cause }, layers);
  if (!isObject(first)) return null;
  const own = fromFields(plainFields(first), layers);
  const error = own === null || own.message === null ? (errorIn(first, layers - 1) ?? own) : own;
  return error === null ? null : within(fields, error);
}

/** An error with the status that is around it. */
const within = (fields: JsonObject, error: ProviderError): ProviderError => ({
  ...error,
  status: error.status ?? statusIn(fields),
});

/** @param fields by their plain names */
function fromFields(fields: JsonObject, layers: number): ProviderError | null {
  const message = messageOf(wordsOf(fields));
  const { metadata, detail } = fields;
  const error = {
    message,
    type: textOf(fields.type) ?? textOf(fields.errortype) ?? textOf(fields.status),
    param: textOf(fields.param),
    code:
      textOf(fields.code) ?? textOf(fields.errorcode) ?? (isObject(detail) ? textOf(detail.errorcode) : null),
    status: statusIn(fields),
  };
  // OpenRouter: "Provider returned error", with the provider's own answer as text.
  const raw = isObject(metadata) ? textOf(metadata.raw) : null;
  const inner = nestedError(raw, layers) ?? nestedError(message, layers);
  if (inner) return { ...inner, status: inner.status ?? error.status };
  if (raw !== null) return { ...error, message: raw };
  return message === null && error.code === null && error.status === null ? null : error;
}

/** Where providers put the words of an error; `faultstring` is Apigee's. */
const WORDS = [
  "message",
  "faultstring",
  "detail",
  "msg",
  "statusmsg",
  "errormsg",
  "errormessage",
  "errmsg",
  "description",
  "title",
  "reason",
];

const wordsOf = (fields: JsonObject): unknown =>
  WORDS.map((name) => fields[name]).find((words) => words !== undefined && words !== null);

/** Codes that do not begin with the status that they mean, by the field that they are in. */
const STATUS_BY_CODE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // MiniMax
  statuscode: { 1001: 504, 1002: 429, 1026: 400, 1027: 400, 1039: 429, 2013: 400 },
  // Baidu: the cluster's, the daily, the queries' and the total limit; requests and tokens per minute; busy
  errorcode: { 2: 503, 4: 429, 17: 429, 18: 429, 19: 429, 336100: 503, 336501: 429, 336502: 429 },
  code: {
    // FastChat
    40301: 404,
    40302: 400,
    40303: 400,
    // Zhipu (docs.bigmodel.cn/cn/api/api-code): a bad request, no such model, content, limits
    1210: 400,
    1213: 400,
    1214: 400,
    1215: 400,
    1261: 400,
    1211: 404,
    1301: 400,
    1302: 429,
    1303: 429,
    1304: 429,
    1305: 429,
    1308: 429,
    1310: 429,
    1312: 503,
  },
};
const STATUS_FIELDS = [
  "code",
  "status",
  "statuscode",
  "httpstatus",
  "httpcode",
  "httpstatuscode",
  "errorcode",
];

/** The HTTP status that an error names: `429`, `"429"`, or as the beginning of FastChat's `42901`. */
function statusIn(fields: JsonObject): number | null {
  for (const name of STATUS_FIELDS) {
    const known = STATUS_BY_CODE[name]?.[String(fields[name])];
    if (known !== undefined) return known;
    const [, status] = /^([45]\d\d)(?:\d\d)?$/.exec(String(fields[name])) ?? [];
    if (status !== undefined) return Number(status);
  }
  return null;
}

/** The error in a message that is itself JSON. */
function nestedError(text: string | null, layers: number): ProviderError | null {
  return text?.trimStart().startsWith("{") ? errorIn(parsedJson(text), layers - 1) : null;
}

/** A message, or one made of FastAPI's list of errors: `messages.0.content: Field required`. */
function messageOf(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  const details: unknown = isObject(value)
    ? (value.detail ?? value.message ?? value.value ?? [value])
    : value;
  if (typeof details === "string") return details;
  if (!Array.isArray(details)) return null;
  const lines = details.slice(0, MAX_DETAILS).flatMap((detail: unknown) => {
    if (typeof detail === "string") return [detail];
    if (!isObject(detail) || typeof detail.msg !== "string") return [];
    const place = Array.isArray(detail.loc) ? detail.loc.filter((part) => part !== "body").join(".") : "";
    return [place === "" ? detail.msg : `${place}: ${detail.msg}`];
  });
  return lines.length === 0 ? null : lines.join("; ");
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
