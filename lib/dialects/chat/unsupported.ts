import { plainName } from "#lib/dialects/bounds/plain-name";
import {
  asksForMore,
  isLongCache,
  longCache,
  sharedState,
  unsupportedField,
} from "#lib/dialects/bounds/unsupported-fields";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";

/** Other tools cost more than tokens. */
const TOKENS_ONLY = new Set<unknown>(["function", "custom"]);

/**
 * Rejects tools that are billed other than by tokens at the model's rates, by their type or by a field that some
 * servers take for one (`google_search`). Other fields of the body are judged by the table of lib/dialects/bounds.
 * @throws ApiError unsupported_parameter, or invalid_request for a field that some read as the type
 */
export function rejectHostedTools({ tools }: JsonObject): void {
  if (!Array.isArray(tools)) return;
  for (const [at, tool] of tools.entries()) {
    if (!isObject(tool)) continue;
    if (!TOKENS_ONLY.has(tool.type)) {
      throw unsupported(`tools[${at}].type`, "a provider's own tools are billed separately from tokens.");
    }
    for (const [name, value] of Object.entries(tool)) rejectToolField(`tools[${at}]`, name, value);
    // LiteLLM reads it there, too.
    const definition = isObject(tool.function) ? tool.function : {};
    if (isLongCache(definition.cache_control)) throw cachedTooLong(`tools[${at}].function.cache_control`);
  }
}

function rejectToolField(tool: string, name: string, value: unknown): void {
  const plain = plainName(name);
  const param = `${tool}.${name.slice(0, 100)}`;
  if (plain === "type" && name !== "type") {
    throw new ApiError("invalid_request", `Some providers read '${param}' as the tool's type.`, { param });
  }
  const rule = unsupportedField(plain);
  if (rule !== undefined && asksForMore(value, rule, true)) throw unsupported(param, rule.why);
}

/** State at the provider that a message refers to: a stored file, or an earlier answer's audio. */
export const keptAtProvider = (param: string) => unsupported(param, sharedState);

/** A cache mark whose price is not known. */
export const cachedTooLong = (param: string) => unsupported(param, longCache);

/** @param why ends the sentence */
export function unsupported(param: string, why: string): ApiError {
  return new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, { param });
}
