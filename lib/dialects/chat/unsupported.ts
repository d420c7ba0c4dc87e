import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";
import type { ChatFields } from "./fields";

const SHARED = "tenants share the provider's credentials, so nothing may be stored there or read from there.";
const APART = "it is billed separately from tokens.";

/** Billed extra, without a rate to hold for. */
const BILLED_APART = ["web_search_options", "search_parameters", "plugins"];
/** State at a provider, which all tenants would share. */
const KEPT_THERE = ["previous_response_id", "conversation", "cached_content"];
/** Answers to fetch later: state too, and never metered. */
const LATER = ["store", "background", "deferred"];
/** Other tools cost more than tokens. */
const TOKENS_ONLY = new Set(["function", "custom"]);

const UNSUPPORTED = new Set([...BILLED_APART, ...KEPT_THERE, ...LATER, "models", "extra_body"]);

/** Whether a field of this name is rejected, or may be for its value. */
export const isUnsupported = (name: string): boolean => UNSUPPORTED.has(name);

/**
 * Rejects what is billed other than by tokens at the model's rates, and what stores or uses state at a provider.
 * @throws ApiError unsupported_parameter, with the field in `param`
 */
export function rejectUnsupported(fields: ChatFields, body: JsonObject): void {
  if (fields.service_tier && !["auto", "default"].includes(fields.service_tier)) {
    throw unsupported("service_tier", "only the default tier has a price. Omit it.");
  }
  for (const field of BILLED_APART) if (isGiven(body[field])) throw unsupported(field, APART);
  for (const field of KEPT_THERE) if (isGiven(body[field])) throw unsupported(field, SHARED);
  for (const field of LATER) if (body[field]) throw unsupported(field, SHARED);
  if (isGiven(body.models)) {
    throw unsupported("models", "Tollgate chooses the model, since each has its own price.");
  }
  // Google's own extension of this dialect.
  const google = isObject(body.extra_body) ? body.extra_body.google : undefined;
  if (isObject(google) && isGiven(google.cached_content)) {
    throw unsupported("extra_body.google.cached_content", SHARED);
  }
  for (const [at, { type }] of fields.tools?.entries() ?? []) {
    if (TOKENS_ONLY.has(type)) continue;
    throw unsupported(`tools[${at}].type`, "a provider's own tools are billed separately from tokens.");
  }
}

/** State at the provider that a message refers to: a stored file, or an earlier answer's audio. */
export const keptAtProvider = (param: string) => unsupported(param, SHARED);

function unsupported(param: string, why: string): ApiError {
  return new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, { param });
}

/** Present and not empty. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}
