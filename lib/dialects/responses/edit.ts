import { setBoundedFields } from "#lib/dialects/bounds/set-output-bound";
import type { Call } from "#lib/dialects/call";
import type { Edits } from "#lib/dialects/dialect";

const ENCRYPTED_REASONING = "reasoning.encrypted_content";

/**
 * The client's text with the target's model, the output bound that the hold covers, and nothing to keep at the
 * provider. A client that says nothing about `store` expects its reasoning to be there for the next turn: it gets it
 * encrypted instead, to send it back.
 */
export function editResponses(call: Call, edits: Edits): string {
  const values: Record<string, string> = {};
  if (call.model !== edits.upstreamModel) values.model = JSON.stringify(edits.upstreamModel);
  if (fieldOf(call, "store") !== false) {
    values.store = "false";
    const include = fieldOf(call, "include");
    const included: readonly unknown[] = Array.isArray(include) ? include : [];
    if (!included.includes(ENCRYPTED_REASONING))
      values.include = JSON.stringify([...included, ENCRYPTED_REASONING]);
  }
  return setBoundedFields(call, values, { tokens: edits.outputLimitTokens, field: edits.outputLimitField });
}

function fieldOf({ json, fields }: Call, name: string): unknown {
  const span = fields.get(name);
  return span === undefined ? undefined : JSON.parse(json.slice(span.start, span.end));
}
