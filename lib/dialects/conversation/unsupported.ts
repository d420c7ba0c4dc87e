import { unsupported } from "#lib/dialects/bounds/param-of";
import { plainName } from "#lib/dialects/bounds/plain-name";
import {
  asksForMore,
  longCache,
  sharedState,
  unsupportedField,
} from "#lib/dialects/bounds/unsupported-fields";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";

/** Judged by themselves. */
const OF_EVERY_TOOL = new Set(["type", "function", "custom"]);

/**
 * Tools that LiteLLM runs by itself if a model calls them, and asks the model again with what comes of it: `litellm_web_search`
 * (docs.litellm.ai/docs/integrations/websearch_interception), `litellm_code_execution`, `litellm_skill_…`.
 */
const isLiteLlms = (name: unknown): boolean => typeof name === "string" && /^litellm_/i.test(name);
/** What that bills, by whatever a tool is known for it. */
export const RUN_BY_NAME = "a proxy may run it, at a fee and with further answers of the model. Rename it.";

/**
 * Rejects what a tool may not have: a name by which a proxy runs it, a field that some servers take for its type
 * (`google_search`), or for another spelling of it.
 * @param param where the tool is
 * @throws ApiError unsupported_parameter, or invalid_request for a field that some read as the type
 */
export function rejectToolFields(param: string, tool: JsonObject): void {
  if (isLiteLlms(tool.name)) throw unsupported(`${param}.name`, RUN_BY_NAME);
  if (isObject(tool.function) && isLiteLlms(tool.function.name))
    throw unsupported(`${param}.function.name`, RUN_BY_NAME);
  for (const name of Object.keys(tool)) {
    if (!OF_EVERY_TOOL.has(name)) rejectToolField(param, name, tool[name]);
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
