import { unsupported } from "#lib/dialects/bounds/param-of";
import { ofCacheMarks } from "#lib/dialects/conversation/cache-marks";
import { rejectToolFields } from "#lib/dialects/conversation/unsupported";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

const PROXY_SEARCH = "web_search";
/** Other tools cost more than tokens. */
const TOKENS_ONLY = new Set<unknown>(["function", "custom"]);

/**
 * Where a tool is that LiteLLM takes for a search of its own: a function of this name with nothing else, or a tool with
 * the name at its top (litellm/integrations/websearch_interception/tools.py).
 */
export function searchByProxy({ tools }: JsonObject): string | null {
  if (!Array.isArray(tools)) return null;
  for (const [at, tool] of tools.entries()) {
    if (!isObject(tool)) continue;
    if (tool.name === PROXY_SEARCH) return `tools[${at}].name`;
    const { function: definition } = tool;
    if (isObject(definition) && definition.name === PROXY_SEARCH && Object.keys(definition).length === 1)
      return `tools[${at}].function.name`;
  }
  return null;
}

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
    // LiteLLM reads it there, too, and so do translations.
    for (const name of ["function", "custom"]) {
      const definition = tool[name];
      const marked = isObject(definition) ? ofCacheMarks(definition) : undefined;
      if (marked !== undefined) throw marked.error(`tools[${at}].${name}${marked.at}`);
    }
  }
}
