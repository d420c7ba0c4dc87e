import { ApiError } from "./api-error";
import { closingQuote } from "./closing-quote";

/** The most that a JSON text may hold: objects, arrays and elements, and how deep they may be nested. */
export type JsonLimits = { values: number; depth: number };

const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Rejects a JSON text that would be costly to parse: a megabyte of brackets takes a fifth of a second. Strings are
 * skipped, and counting stops at the limit.
 * @returns the number of values; of a text that is not valid JSON any number
 * @throws ApiError invalid_request
 */
export function rejectCostlyJson(json: string, most: JsonLimits): number {
  let values = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(json, at + 1);
      if (at === -1) return values;
    } else if (code === COMMA) values += 1;
    else if ((code | 0x20) === 0x7b) {
      // [ and {
      values += 1;
      depth += 1;
      if (depth > most.depth) throw tooCostly(`is nested deeper than ${most.depth} levels`);
    } else if ((code | 0x20) === 0x7d) depth -= 1;
    if (values > most.values) throw tooCostly(`has more than ${most.values} values`);
  }
  return values;
}

const tooCostly = (what: string) => new ApiError("invalid_request", `The request body ${what}.`);
