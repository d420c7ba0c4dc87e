import { THINKING_BUDGET } from "#lib/dialects/bounds/reasoning-settings";
import { setBoundedFields } from "#lib/dialects/bounds/set-output-bound";
import type { Call } from "#lib/dialects/call";
import type { Edits } from "#lib/dialects/dialect";
import { isObject } from "#lib/dialects/text/json-fields";

const NONE: readonly never[] = [];

/**
 * The client's text with the target's model, the output bound that the hold covers, and on a stream the
 * usage, which Tollgate always needs.
 */
export function editRequest(call: Call, edits: Edits): string {
  const values: Record<string, string> = {};
  if (call.model !== edits.upstreamModel) values.model = JSON.stringify(edits.upstreamModel);
  if (call.stream && edits.streamUsage && !call.passUsage) {
    values.stream_options = JSON.stringify({ ...streamOptions(call), include_usage: true });
  }
  if (edits.reasoningLimitTokens !== null) values[THINKING_BUDGET] = String(edits.reasoningLimitTokens);
  const options = call.fields.get("stream_options");
  const dropped = options !== undefined && call.stream && !edits.streamUsage ? [options] : NONE;
  const bound = { tokens: edits.outputLimitTokens, field: edits.outputLimitField };
  return setBoundedFields(call, values, bound, dropped);
}

/** What the client asks of a stream. */
export function streamOptions({ json, fields }: Call): Readonly<Record<string, unknown>> {
  const span = fields.get("stream_options");
  if (span === undefined) return {};
  const given: unknown = JSON.parse(json.slice(span.start, span.end));
  return isObject(given) ? given : {};
}
