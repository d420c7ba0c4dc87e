import { closingQuote } from "#lib/http/closing-quote";

const QUOTE = 0x22;
const COLON = 0x3a;

/**
 * Whether an object within a value has a field twice, of which some servers read the first and others the last:
 * then the text has more fields than what was parsed from it.
 * @param json valid JSON text
 */
export const hasRepeatedFields = (json: string, value: unknown): boolean =>
  fieldsWritten(json) > fieldsParsed(value);

function fieldsWritten(json: string): number {
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(json, at + 1);
      if (at === -1) break;
    } else if (code === COLON) count += 1;
  }
  return count;
}

function fieldsParsed(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += fieldsParsed(element);
    return count;
  }
  for (const inner of Object.values(value)) count += 1 + fieldsParsed(inner);
  return count;
}
