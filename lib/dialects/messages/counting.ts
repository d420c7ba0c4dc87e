import type { Counting } from "#lib/dialects/dialect";
import { isObject } from "#lib/dialects/text/json-fields";
import { tokenCount } from "#lib/dialects/usage";
import { parsedJson } from "#lib/http/parsed-json";
import { parseToCount } from "./parse";

/** Anthropic's counting of tokens: `{"input_tokens": 14}`. */
export const messagesCounting: Counting = {
  endpoint: "messages/count_tokens",
  wire: "count_tokens",
  parse: parseToCount,
  isCount: (bytes) => {
    const body = parsedJson(bytes.toString("utf8"));
    return isObject(body) && tokenCount(body.input_tokens) !== null;
  },
  answer: (tokens) => JSON.stringify({ input_tokens: tokens }),
};
