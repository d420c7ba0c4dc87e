import { sharedState } from "#lib/dialects/bounds/unsupported-fields";
import { ApiError } from "#lib/http/api-error";
import type { ChatFields } from "./fields";

/** Other tools cost more than tokens. */
const TOKENS_ONLY = new Set(["function", "custom"]);

/**
 * Rejects tools that are billed other than by tokens at the model's rates. Fields are judged by the table of
 * lib/dialects/bounds.
 * @throws ApiError unsupported_parameter, with the field in `param`
 */
export function rejectHostedTools(fields: ChatFields): void {
  for (const [at, { type }] of fields.tools?.entries() ?? []) {
    if (TOKENS_ONLY.has(type)) continue;
    throw unsupported(`tools[${at}].type`, "a provider's own tools are billed separately from tokens.");
  }
}

/** State at the provider that a message refers to: a stored file, or an earlier answer's audio. */
export const keptAtProvider = (param: string) => unsupported(param, sharedState);

function unsupported(param: string, why: string): ApiError {
  return new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, { param });
}
