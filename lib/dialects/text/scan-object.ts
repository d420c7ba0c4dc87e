import { closingQuote } from "#lib/http/closing-quote";
import { type JsonLimits, tooDeep, tooMany } from "#lib/http/json-cost";
import type { FieldSpan } from "./json-fields";
import { isSpace, skipSpace } from "./json-scan";

/** Where a field of an object is, and how many fields there are in its value, at all depths. */
export type ScannedField = FieldSpan & { written: number };

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Finds the top-level fields of a JSON object's text in the order that they are written in. Of a text that is not valid
 * JSON, or no object, it returns anything.
 * @throws ApiError invalid_request for a text that would be costly to parse, as rejectCostlyJson does
 */
export function scanObject(json: string, most: JsonLimits): ScannedField[] {
  const found: ScannedField[] = [];
  let depth = 0;
  let values = 0;
  let written = 0;
  let name = -1;
  let start = 0;
  let writtenBefore = 0;

  function endField(at: number): void {
    if (name === -1) return;
    let end = at;
    while (end > start && isSpace(json.charCodeAt(end - 1))) end -= 1;
    found.push({ name, start, end, written: written - writtenBefore });
    name = -1;
  }

  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      if (name === -1 && depth === 1) name = at;
      at = closingQuote(json, at + 1);
      if (at === -1) return found;
    } else if (code === COLON) {
      written += 1;
      if (depth !== 1) continue;
      start = skipSpace(json, at + 1);
      writtenBefore = written;
    } else if (code === COMMA) {
      values += 1;
      if (values > most.values) throw tooMany(most);
      if (depth === 1) endField(at);
    } else if ((code | 0x20) === 0x7b) {
      // [ and {
      values += 1;
      depth += 1;
      if (depth > most.depth) throw tooDeep(most);
      if (values > most.values) throw tooMany(most);
    } else if ((code | 0x20) === 0x7d) {
      if (depth === 1) endField(at);
      depth -= 1;
    }
  }
  return found;
}
