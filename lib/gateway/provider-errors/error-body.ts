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
  const { error, errors, fault, base_resp: base } = whole;
  if (isObject(error)) {
    const inner = fromFields(error, layers);
    return inner === null ? null : { ...inner, status: inner.status ?? statusIn(whole) };
  }
  // xAI and Ollama: the message alone, with or without a code next to it.
  if (typeof error === "string" && error !== "") return fromFields({ ...whole, message: error }, layers);
  // Cloudflare and JSON:API.
  if (Array.isArray(errors) && errors.length > 0) {
    return typeof errors[0] === "string"
      ? fromFields({ ...whole, message: errors }, layers)
      : errorIn(errors, layers - 1);
  }
  if (isObject(fault)) return fromFields({ ...whole, message: fault.faultstring }, layers);
  if (isObject(base)) return fromFields({ ...whole, ...base }, layers);
  return fromFields(whole, layers);
}

function fromFields(fields: JsonObject, layers: number): ProviderError | null {
  const message = messageOf(wordsOf(fields));
  const error = {
    message,
    type: textOf(fields.type) ?? textOf(fields.status),
    param: textOf(fields.param),
    code: textOf(fields.code),
    status: statusIn(fields),
  };
  // OpenRouter: "Provider returned error", with the provider's own answer as text.
  const { metadata } = fields;
  const raw = isObject(metadata) ? textOf(metadata.raw) : null;
  const inner = nestedError(raw, layers) ?? nestedError(message, layers);
  if (inner) return { ...inner, status: inner.status ?? error.status };
  if (raw !== null) return { ...error, message: raw };
  return message === null && error.code === null && error.status === null ? null : error;
}

/** Where providers put the words of an error. */
function wordsOf(fields: JsonObject): unknown {
  return (
    fields.message ??
    fields.detail ??
    fields.msg ??
    fields.status_msg ??
    fields.error_msg ??
    fields.error_message ??
    fields.errmsg ??
    fields.Message
  );
}

/** Codes of MiniMax (`status_code`) and FastChat (`code`) that do not begin with the status that they mean. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  1002: 429,
  1039: 429,
  2013: 400,
  40301: 404,
  40302: 400,
  40303: 400,
};
const STATUS_FIELDS = [
  "code",
  "status",
  "status_code",
  "statusCode",
  "http_status",
  "http_code",
  "error_code",
];

/** The HTTP status that an error names: `429`, `"429"`, or as the beginning of FastChat's `42901`. */
function statusIn(fields: JsonObject): number | null {
  for (const name of STATUS_FIELDS) {
    const known = STATUS_BY_CODE[String(fields[name])];
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
  const details: unknown = isObject(value) ? (value.detail ?? value.message ?? [value]) : value;
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
