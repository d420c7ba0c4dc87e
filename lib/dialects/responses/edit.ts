import { setBoundedFields } from "#lib/dialects/bounds/set-output-bound";
import type { Call } from "#lib/dialects/call";
import type { Edits, RefusedField } from "#lib/dialects/dialect";
import type { ErrorFields } from "#lib/http/api-error";

const ENCRYPTED_REASONING = "reasoning.encrypted_content";

/**
 * The client's text with the target's model, the bounds that the hold covers, and nothing to keep at the
 * provider. A client that says nothing about `store` expects its reasoning to be there for the next turn: it gets it
 * encrypted instead, to send it back, unless the model refuses that, as those that do not reason do.
 */
export function editResponses(call: Call, edits: Edits): string {
  const values: Record<string, string> = {};
  if (call.model !== edits.upstreamModel) values.model = JSON.stringify(edits.upstreamModel);
  if (edits.searchLimit !== null && edits.searchLimit !== call.searches?.given)
    values.max_tool_calls = String(edits.searchLimit);
  if (fieldOf(call, "store") !== false) {
    values.store = "false";
    const included = includedBy(call);
    if (edits.encryptedReasoning && !included.includes(ENCRYPTED_REASONING))
      values.include = JSON.stringify([...included, ENCRYPTED_REASONING]);
  }
  return setBoundedFields(call, values, { tokens: edits.outputLimitTokens, field: edits.outputLimitField });
}

/** The whole message of OpenAI's error for a model that does not reason. */
const REFUSAL = /^Encrypted content is not supported with this model\.?$/;

/** Whether an error refuses the encrypted reasoning that Tollgate has asked for, and not the client. */
export function refusedResponsesField(call: Call, sent: Edits, error: ErrorFields): RefusedField | null {
  const isOurs =
    sent.encryptedReasoning &&
    fieldOf(call, "store") !== false &&
    !includedBy(call).includes(ENCRYPTED_REASONING);
  const isRefused = error.param === "include" || REFUSAL.test(error.message);
  return isOurs && isRefused ? { kind: "encrypted_reasoning" } : null;
}

function includedBy(call: Call): readonly unknown[] {
  const include = fieldOf(call, "include");
  return Array.isArray(include) ? include : [];
}

function fieldOf({ json, fields }: Call, name: string): unknown {
  const span = fields.get(name);
  return span === undefined ? undefined : JSON.parse(json.slice(span.start, span.end));
}
