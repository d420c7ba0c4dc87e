import { unsupported } from "#lib/dialects/bounds/param-of";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/**
 * What Anthropic looks for in an answer at no price: calls of tools that Claude Code would have to ask about in its
 * auto mode (code.claude.com/docs/en/permission-modes). No model that is billed reads what is in there.
 */
const FREE: ReadonlySet<unknown> = new Set(["dangerous_tool_use"]);

/** @throws ApiError unsupported_parameter for a safeguard that may be billed, invalid_request for what is none */
export function checkSafeguards({ safeguards }: JsonObject): void {
  if (safeguards === undefined || safeguards === null) return;
  if (!Array.isArray(safeguards)) throw invalidField("safeguards", "must be a list");
  for (const [at, safeguard] of safeguards.entries()) {
    if (!isObject(safeguard)) throw invalidField(`safeguards[${at}]`, "must be an object");
    if (!FREE.has(safeguard.type)) throw unsupported(`safeguards[${at}].type`, "it may be billed.");
  }
}
