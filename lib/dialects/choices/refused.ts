import type { Call } from "#lib/dialects/call";
import type { Edits, RefusedField } from "#lib/dialects/dialect";
import type { ErrorFields } from "#lib/http/api-error";
import { hasFieldLike, mayBeFromClient } from "./client-words";
import { streamOptions } from "./edit";
import { refusedName } from "./refusal-words";

/** The two names that OpenAI itself has for the output bound: its reasoning models refuse the older. */
const OTHER_NAME = { max_tokens: "max_completion_tokens", max_completion_tokens: "max_tokens" } as const;
const BOUND_NAMES = ["max_tokens", "max_completion_tokens"] as const;
const STREAM_USAGE = ["stream_options", "include_usage", "stream_options.include_usage"] as const;

/** Codes that are about the name of a field. */
const NAME_CODES =
  /^(?:unsupported|unknown|unrecognized|unexpected|invalid)_(?:parameter|argument|field|key)$|^extra_forbidden$/;

/** What an error is about that quotes a URL, or a text of the client or the model. */
const QUOTING_CODES = /image|url|media|file|tool|function|content|generat/i;
const QUOTING_WORDS = /:\/\/|\b(?:images?|pictures?|urls?|download\w*|tools?|functions?|generated)\b/i;

/**
 * Which of the fields that Tollgate sets a provider's error refuses: what asks for the usage of a stream, or the
 * name of the output bound, which has another. No words of a client or a model may decide that: the error's own
 * fields name it, or it is worded as servers word it, in words that are not the client's.
 */
export function refusedField(call: Call, sent: Edits, error: ErrorFields): RefusedField | null {
  if (QUOTING_CODES.test(`${error.code} ${error.type}`)) return null;
  if (call.stream && sent.streamUsage && isOurs(call)) {
    const by = hasParam(call, error, STREAM_USAGE) ? "field" : refusedBy(call, error, STREAM_USAGE);
    if (by !== null) return { kind: "stream_usage", by };
  }
  for (const name of BOUND_NAMES) {
    if (isSent(call, sent, name) && isNameRefused(call, error, name)) {
      return { kind: "output_limit", otherName: OTHER_NAME[name] };
    }
  }
  return null;
}

/** Whatever else a client asks of a stream may be what is refused. */
const isOurs = (call: Call) => Object.keys(streamOptions(call)).every((name) => name === "include_usage");

function isSent({ fields }: Call, { outputLimitTokens, outputLimitField }: Edits, name: string): boolean {
  return outputLimitTokens === null ? fields.has(name) : outputLimitField === name;
}

/**
 * Whether an error is about the name and not about its value. A provider that refuses a value may read no other
 * name, and then generates without a bound.
 */
function isNameRefused(call: Call, error: ErrorFields, name: string): boolean {
  const names = [name];
  if (!hasParam(call, error, names)) return refusedBy(call, error, names) !== null;
  return hasNameCode(error) || refusedName(error.message)?.name === name;
}

const hasNameCode = ({ code, type }: ErrorFields) => NAME_CODES.test(code ?? "") || NAME_CODES.test(type);

function hasParam(call: Call, { param }: ErrorFields, names: readonly string[]): boolean {
  return param !== null && names.includes(param.replace(/^body\./, "")) && !hasFieldLike(call, names);
}

/** What refuses a field without naming it in `param`: the error's code, with the name in its words, or these alone. */
function refusedBy(call: Call, error: ErrorFields, names: readonly string[]): "field" | "words" | null {
  const said = error.param === null || error.param === "" ? refusedName(error.message) : null;
  if (said === null || !names.includes(said.name)) return null;
  const sought = { names, around: said.around };
  if (hasNameCode(error)) return mayBeFromClient(call, sought, false) ? null : "field";
  if (QUOTING_WORDS.test(error.message)) return null;
  return mayBeFromClient(call, sought, true) ? null : "words";
}
