import { ApiError } from "./api-error";
import { closingQuote } from "./closing-quote";

/** The most that a JSON text may hold: objects, arrays and elements, and how deep they may be nested. */
export type JsonLimits = { values: number; depth: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Rejects a JSON text that would be costly to parse: a megabyte of brackets takes a fifth of a second. Strings are
 * skipped, and counting stops at the limit.
 * @returns the number of values; of a text that is not valid JSON any number
 * @throws ApiError invalid_request
 */
export function rejectCostlyJson(json: string, most: JsonLimits): number {
  const count = { values: 0, depth: 0 };
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(json, at + 1);
      if (at === -1) break;
    } else countSign(code, count, most);
  }
  return count.values;
}

/** Counts a character outside of strings. @throws ApiError invalid_request beyond the limits */
function countSign(code: number, count: JsonLimits, most: JsonLimits): void {
  if (code === COMMA) count.values += 1;
  else if ((code | 0x20) === 0x7b) {
    // [ and {
    count.values += 1;
    count.depth += 1;
    if (count.depth > most.depth) throw tooDeep(most);
  } else if ((code | 0x20) === 0x7d) count.depth -= 1;
  if (count.values > most.values) throw tooMany(most);
}

/**
 * The same for a text that arrives in parts, so that a large one is rejected before it is joined and decoded, which
 * takes a tenth of a second for 60 MB.
 * @returns the function to call with each part, in UTF-8; it throws ApiError invalid_request
 */
export function jsonCostWatch(most: JsonLimits): (part: Uint8Array) => void {
  const count = { values: 0, depth: 0 };
  let isInString = false;
  let isEscaped = false;

  /** Where the rest of a string ends; the part's length if it goes on. */
  function endOfString(part: Uint8Array, from: number): number {
    for (let at = from; at < part.length; at++) {
      const code = part[at];
      if (isEscaped) isEscaped = false;
      else if (code === BACKSLASH) isEscaped = true;
      else if (code === QUOTE) {
        isInString = false;
        return at;
      }
    }
    return part.length;
  }

  return (part) => {
    for (let at = isInString ? endOfString(part, 0) + 1 : 0; at < part.length; at++) {
      const code = part[at] ?? 0;
      if (code === QUOTE) {
        isInString = true;
        at = endOfString(part, at + 1);
      } else countSign(code, count, most);
    }
  };
}

export const tooDeep = ({ depth }: JsonLimits) => tooCostly(`is nested deeper than ${depth} levels`);
export const tooMany = ({ values }: JsonLimits) => tooCostly(`has more than ${values} values`);
const tooCostly = (what: string) => new ApiError("invalid_request", `The request body ${what}.`);
