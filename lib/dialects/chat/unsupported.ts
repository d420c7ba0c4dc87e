import { unsupported } from "#lib/dialects/bounds/param-of";
import { isLongCache } from "#lib/dialects/bounds/unsupported-fields";
import { cachedTooLong, rejectToolFields } from "#lib/dialects/conversation/unsupported";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

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
    rejectToolFields(`tools[${at}]`, tool);
    // LiteLLM reads it there, too.
    const definition = isObject(tool.function) ? tool.function : {};
    if (isLongCache(definition.cache_control)) throw cachedTooLong(`tools[${at}].function.cache_control`);
  }
}
