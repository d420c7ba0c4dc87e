import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** What a provider says was wrong, in OpenAI's four fields, as far as it says anything in them. */
export type ProviderError = {
  message: string | null;
  type: string | null;
  param: string | null;
  code: string | null;
};

/** Errors within errors, as those between us and the provider pass them on. */
const MOST_LAYERS = 4;
const MOST_DETAILS = 5;

/**
 * Reads an error's body, in any of the shapes that providers of the dialect give it.
 * @returns null where it says nothing
 */
export function errorInBody(text: string): ProviderError | null {
  return errorIn(parsed(text), MOST_LAYERS);
}

/** Reads the error object itself, as a stream's error event has it. */
export function errorInEvent(detail: unknown): ProviderError | null {
  return errorIn({ error: detail }, MOST_LAYERS);
}

function errorIn(body: unknown, layers: number): ProviderError | null {
  // Google wraps it into a list.
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  if (!isObject(whole) || layers === 0) return null;
  const { error } = whole;
  if (isObject(error)) return ofFields(error, layers);
  // xAI and Ollama: the words alone, beside a code or not.
  if (typeof error === "string") return ofFields({ ...whole, message: error }, layers);
  return ofFields(whole, layers);
}

function ofFields(fields: JsonObject, layers: number): ProviderError | null {
  const message = wordsOf(fields.message ?? fields.detail ?? fields.msg);
  const error = {
    message,
    type: textOf(fields.type) ?? textOf(fields.status),
    param: textOf(fields.param),
    code: textOf(fields.code),
  };
  // OpenRouter: "Provider returned error", and what that provider said as text.
  const { metadata } = fields;
  const raw = isObject(metadata) ? textOf(metadata.raw) : null;
  const inner = layered(raw, layers) ?? layered(message, layers);
  if (inner) return inner;
  if (raw !== null) return { ...error, message: raw };
  return message === null && error.code === null ? null : error;
}

/** The error in a text that is JSON itself. */
function layered(text: string | null, layers: number): ProviderError | null {
  return text?.trimStart().startsWith("{") ? errorIn(parsed(text), layers - 1) : null;
}

/** Words, or FastAPI's list of what is wrong where: `messages.0.content: Field required`. */
function wordsOf(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  const details: unknown = isObject(value) ? (value.detail ?? value.message ?? [value]) : value;
  if (typeof details === "string") return details;
  if (!Array.isArray(details)) return null;
  const lines = details.slice(0, MOST_DETAILS).flatMap((detail: unknown) => {
    if (typeof detail === "string") return [detail];
    if (!isObject(detail) || typeof detail.msg !== "string") return [];
    const place = Array.isArray(detail.loc) ? detail.loc.filter((part) => part !== "body").join(".") : "";
    return [place === "" ? detail.msg : `${place}: ${detail.msg}`];
  });
  return lines.length === 0 ? null : lines.join("; ");
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
