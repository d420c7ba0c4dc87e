import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";
import type { ChatFields } from "./fields";

const SHARED = "credentials are shared, so nothing may be kept at the provider, or be taken from there.";
const APART = "it is billed apart from tokens.";

/** What bills extra without a rate to hold for, by the names that providers of the dialect give it. */
const BILLED_APART = ["web_search_options", "search_parameters", "plugins"];
/** State at a provider, which all tenants share. */
const KEPT_THERE = ["previous_response_id", "conversation", "cached_content"];
/** An answer to be fetched later: state as well, and an answer that nobody would meter. */
const LATER = ["store", "background", "deferred"];
/** A provider has no other tools that cost nothing but tokens. */
const TOKENS_ONLY = new Set(["function", "custom"]);

const UNSUPPORTED = new Set([...BILLED_APART, ...KEPT_THERE, ...LATER, "models", "extra_body"]);

/** Whether a field of that name is refused, or may be for what is in it. */
export const isUnsupported = (name: string): boolean => UNSUPPORTED.has(name);

/**
 * Refuses what is billed otherwise than by tokens at the model's rates, and what leaves state at a provider,
 * or uses it.
 * @throws ApiError unsupported_parameter, naming the field in `param`
 */
export function refuseUnsupported(fields: ChatFields, body: JsonObject): void {
  if (fields.service_tier && !["auto", "default"].includes(fields.service_tier)) {
    throw unsupported("service_tier", "only the default tier is priced here. Leave it out.");
  }
  for (const field of BILLED_APART) if (isGiven(body[field])) throw unsupported(field, APART);
  for (const field of KEPT_THERE) if (isGiven(body[field])) throw unsupported(field, SHARED);
  for (const field of LATER) if (body[field]) throw unsupported(field, SHARED);
  if (isGiven(body.models)) {
    throw unsupported("models", "which model answers is decided here, where each has its price.");
  }
  // Google's, where it speaks this dialect.
  const google = isObject(body.extra_body) ? body.extra_body.google : undefined;
  if (isObject(google) && isGiven(google.cached_content)) {
    throw unsupported("extra_body.google.cached_content", SHARED);
  }
  for (const [at, { type }] of fields.tools?.entries() ?? []) {
    if (TOKENS_ONLY.has(type)) continue;
    throw unsupported(`tools[${at}].type`, "a provider's own tools are billed apart from tokens.");
  }
}

/** State at the provider that a message refers to: a file kept there, or an earlier answer's audio. */
export const keptAtProvider = (param: string) => unsupported(param, SHARED);

function unsupported(param: string, why: string): ApiError {
  return new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, { param });
}

/** Neither left out nor empty. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}
