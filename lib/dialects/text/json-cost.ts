import { ApiError } from "#lib/http/api-error";

/**
 * Objects, arrays and what is in them. A conversation of a million tokens has some tens of thousands; parsing
 * a full body of nothing but brackets would take seconds and a gigabyte.
 */
const MOST_VALUES = 250_000;
/** Far deeper than any schema, and far from where recursion ends. */
const MOST_DEPTH = 200;
/** What is shorter cannot be costly. */
const HARMLESS_CHARACTERS = 2_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * Refuses a JSON text that would be costly to work with, at a glance and before it is parsed: strings are
 * skipped, and the counting ends where a bound is reached.
 * @throws ApiError invalid_request
 */
export function refuseCostlyJson(json: string): void {
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
      if (depth > MOST_DEPTH) throw tooMuch(`is nested deeper than ${MOST_DEPTH} levels`);
    } else if ((code | 0x20) === 0x7d) depth -= 1;
    if (values > MOST_VALUES) throw tooMuch(`has more than ${MOST_VALUES} values`);
  }
}

const tooMuch = (what: string) => new ApiError("invalid_request", `The request body ${what}.`);

/** Where the string ends whose characters begin at `from`; -1 if it does not. */
function closingQuote(json: string, from: number): number {
  let close = json.indexOf('"', from);
  while (close !== -1 && isEscaped(json, close)) close = json.indexOf('"', close + 1);
  return close;
}

function isEscaped(json: string, quote: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}
