import { ApiError } from "#lib/http/api-error";
import { closingQuote } from "./json-scan";

/**
 * Objects, arrays and elements. A conversation of a million tokens has tens of thousands; parsing a full body
 * of brackets would take seconds and a gigabyte.
 */
const MOST_VALUES = 250_000;
/** Far deeper than any schema, and far from overflowing the stack. */
const MOST_DEPTH = 200;
/** A shorter text cannot be costly. */
const HARMLESS_CHARACTERS = 2_000;

const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Rejects a JSON text that would be costly to parse. Strings are skipped, and counting stops at the limit.
 * @throws ApiError invalid_request
 */
export function rejectCostlyJson(json: string): void {
  if (json.length <= HARMLESS_CHARACTERS) return;
  let values = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(json, at + 1);
      if (at === -1) return;
    } else if (code === COMMA) values += 1;
    else if ((code | 0x20) === 0x7b) {
      // [ and {
      values += 1;
      depth += 1;
      if (depth > MOST_DEPTH) throw tooCostly(`is nested deeper than ${MOST_DEPTH} levels`);
    } else if ((code | 0x20) === 0x7d) depth -= 1;
    if (values > MOST_VALUES) throw tooCostly(`has more than ${MOST_VALUES} values`);
  }
}

const tooCostly = (what: string) => new ApiError("invalid_request", `The request body ${what}.`);
