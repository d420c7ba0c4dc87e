import type { ErrorFields } from "#lib/http/api-error";

/** How providers say that an input is too long, with its tokens and the most that they take, in either order. */
const TOO_LONG: readonly RegExp[] = [
  // Google
  /input token count \((?<input>\d+)\) exceeds the maximum number of tokens allowed \((?<most>\d+)\)/i,
  // Anthropic
  /prompt is too long: (?<input>\d+) tokens > (?<most>\d+) maximum/i,
  // OpenAI and servers like it
  /maximum context length is (?<most>\d+) tokens.{0,80}?(?<input>\d{3,}) tokens/i,
  // Bedrock
  /max tokens: (?<most>\d+), request input token count: (?<input>\d+)/i,
];
/** The same without numbers. */
const TOO_LONG_AT_ALL =
  /\binput is too long\b|\binput token count\b.{0,40}\bexceeds\b|context_length_exceeded/i;

/** What Google and AWS call an error, and OpenAI or Anthropic. The first that matches counts. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/resource_?exhausted|throttling|quota/i, "rate_limit_error"],
  [/unavailable|overloaded/i, "overloaded_error"],
  [/unauthenticated|unrecognizedclient/i, "authentication_error"],
  [/permission_?denied|access_?denied/i, "permission_error"],
  [/not_?found/i, "not_found_error"],
  [/invalid_?argument|failed_?precondition|out_?of_?range|validation/i, "invalid_request_error"],
  [/internal|unknown|deadline|aborted|cancelled|data_?loss|modelerror|timeout/i, "server_error"],
];

/**
 * A provider's error as the clients of a dialect know it: of a type of theirs, and if the input is too long, in the words
 * at which they shorten their conversation.
 */
export function clientError(dialect: string, error: ErrorFields): ErrorFields {
  const words = `${error.message} ${error.code} ${error.type}`;
  const found = TOO_LONG.map((pattern) => pattern.exec(words)?.groups).find((groups) => groups !== undefined);
  if (found !== undefined || TOO_LONG_AT_ALL.test(words)) {
    const message =
      found === undefined ? error.message : tooLong(dialect, Number(found.input), Number(found.most));
    return { message, type: "invalid_request_error", param: null, code: "context_length_exceeded" };
  }
  const known = TYPES.find(([names]) => names.test(error.type));
  return known === undefined ? error : { ...error, type: known[1], code: error.code ?? null };
}

/** Anthropic's clients and OpenAI's each look for words of their own. */
const tooLong = (dialect: string, input: number, most: number): string =>
  dialect === "messages"
    ? `prompt is too long: ${input} tokens > ${most} maximum`
    : `This model's maximum context length is ${most} tokens. However, your messages resulted in ${input} tokens. Please reduce the length of the messages.`;
