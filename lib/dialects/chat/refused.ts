import type { Call } from "#lib/dialects/call";
import type { Edits, RefusedField } from "#lib/dialects/dialect";
import type { ErrorFields } from "#lib/http/api-error";
import { streamOptions } from "./edit";

/** The two names that OpenAI itself has for the output bound: its reasoning models refuse the older. */
const OTHER_NAME = { max_tokens: "max_completion_tokens", max_completion_tokens: "max_tokens" } as const;
const BOUND_NAMES = ["max_tokens", "max_completion_tokens"] as const;

/** Codes that are about the name of a field. */
const NAME_CODES =
  /^(?:unsupported|unknown|unrecognized|unexpected|invalid)_(?:parameter|argument|field|key)$|^extra_forbidden$/;

/**
 * Which of the fields that Tollgate sets a provider's error refuses: what asks for the usage of a stream, or the
 * name of the output bound, which has another.
 */
export function refusedChatField(call: Call, sent: Edits, error: ErrorFields): RefusedField | null {
  if (
    call.stream &&
    sent.streamUsage &&
    isOurs(call) &&
    names(error, /\b(?:stream_options|include_usage)\b/)
  ) {
    return { kind: "stream_usage" };
  }
  const refused = BOUND_NAMES.find((name) => isSent(call, sent, name) && isNameRefused(error, name));
  return refused === undefined ? null : { kind: "output_limit", otherName: OTHER_NAME[refused] };
}

/** Whatever else a client asks of a stream may be what is refused. */
const isOurs = (call: Call) => Object.keys(streamOptions(call)).every((name) => name === "include_usage");

const names = ({ param, message }: ErrorFields, name: RegExp) => name.test(param ?? "") || name.test(message);

function isSent({ fields }: Call, { outputLimitTokens, outputLimitField }: Edits, name: string): boolean {
  return outputLimitTokens === null ? fields.has(name) : outputLimitField === name;
}

/**
 * Whether an error is about the name and not about its value. A provider that refuses a value may read no other
 * name, and then generates without a bound.
 */
function isNameRefused(error: ErrorFields, name: keyof typeof OTHER_NAME): boolean {
  const { code, param, message } = error;
  const isNamed = new RegExp(`\\b${name}\\b`).test(`${param} ${message}`);
  if (!isNamed) return false;
  return (code !== null && NAME_CODES.test(code)) || REFUSALS[name].some((words) => words.test(message));
}

const refusalsOf = (name: keyof typeof OTHER_NAME): readonly RegExp[] => [
  // Unsupported parameter: 'x'; Unrecognized request argument supplied: x; unexpected keyword argument 'x'
  new RegExp(
    `\\b(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|additional)(?: (?:request|keyword|body))? (?:parameter|argument|field|property|key|input)s?(?: \\w+)?\\W{1,5}${name}\\b`,
    "i",
  ),
  // x: Extra inputs are not permitted
  new RegExp(`\\b${name}\\W{1,4}extra (?:inputs|fields) (?:are )?not permitted`, "i"),
  // 'x' is not supported with this model.
  new RegExp(
    `\\b${name}\\W{1,4}(?:is )?(?:not supported|unsupported|not permitted|not allowed|not recognized|unknown)(?: (?:with|by|for|in|on) (?:this|the) \\w+)?\\W*(?:$|[.,;] )`,
    "i",
  ),
  // Use 'y' instead.
  new RegExp(`\\buse\\W{1,3}${OTHER_NAME[name]}\\b`, "i"),
];

const REFUSALS = {
  max_tokens: refusalsOf("max_tokens"),
  max_completion_tokens: refusalsOf("max_completion_tokens"),
};
