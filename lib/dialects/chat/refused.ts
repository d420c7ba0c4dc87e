import type { Call } from "#lib/dialects/call";
import type { Edits, RefusedField } from "#lib/dialects/dialect";
import type { ErrorFields } from "#lib/http/api-error";

/** The two names that OpenAI itself has for the output bound: its reasoning models refuse the older. */
const BOUND_NAMES = ["max_tokens", "max_completion_tokens"] as const;

const NOT_KNOWN =
  /\b(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|additional|no such)\b|\bnot (?:supported|permitted|allowed|recogni[sz]ed|accepted|defined)\b|\b(?:does|do)(?: not|n't) (?:support|accept|exist)\b/i;
/** A value that is too large says nothing about the name. */
const VALUE_CODES = new Set(["unsupported_value", "invalid_value", "integer_above_max_value"]);

/**
 * Which of the fields that Tollgate sets a provider's error refuses: what asks for the usage of a stream, or the
 * name of the output bound, which has another.
 */
export function refusedChatField(call: Call, sent: Edits, error: ErrorFields): RefusedField | null {
  if (call.stream && sent.streamUsage && names(error, "stream_options", "include_usage")) {
    return { kind: "stream_usage" };
  }
  const refused = BOUND_NAMES.find((name) => isSent(call, sent, name) && isNotKnown(error, name));
  if (refused === undefined) return null;
  return {
    kind: "output_limit",
    otherName: refused === "max_tokens" ? "max_completion_tokens" : "max_tokens",
  };
}

function isSent({ fields }: Call, { outputLimitTokens, outputLimitField }: Edits, name: string): boolean {
  return outputLimitTokens === null ? fields.has(name) : outputLimitField === name;
}

function isNotKnown(error: ErrorFields, name: string): boolean {
  if (error.code !== null && VALUE_CODES.has(error.code)) return false;
  return names(error, name) && (NOT_KNOWN.test(error.message) || NOT_KNOWN.test(words(error.code)));
}

const words = (code: string | null) => (code ?? "").replaceAll(/[_-]/g, " ");

function names({ param, message }: ErrorFields, ...fields: string[]): boolean {
  return fields.some(
    (field) =>
      param === field || param?.startsWith(`${field}.`) || new RegExp(`\\b${field}\\b`).test(message),
  );
}
