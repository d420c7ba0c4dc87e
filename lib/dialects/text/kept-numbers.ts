import { randomBytes } from "node:crypto";
import { closingQuote } from "#lib/http/closing-quote";
import { skipSpace } from "./json-scan";

// Numbers that JSON.parse reads as another, such as integers above 2^53, or writes in another way, such as 1.0, are kept
// as strings between parsing and writing.

/** What such a string begins with: of this process alone, so that no other text has it. */
const SIGN = `number-${randomBytes(12).toString("hex")}-`;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Names of fields are not longer. */
const LONGEST_NAME = 40;

const QUOTE = 0x22;
const MINUS = 0x2d;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Fields inside which numbers are kept. */
export type KeptIn = { names: ReadonlySet<string>; anyName: RegExp };

/** @param names of letters and underscores, each at most 40 characters long */
export const keptIn = (...names: readonly string[]): KeptIn => ({
  names: new Set(names),
  anyName: new RegExp(`"(?:${names.join("|")})"`),
});

/** Whether a JSON text has one of these fields: most have none. */
export const mayKeepNumbers = (json: string, inside: KeptIn): boolean => inside.anyName.test(json);

/**
 * A JSON text in which numbers that parsing would change are strings, which `restoredNumbers` makes numbers again. What
 * is not valid JSON stays so.
 * @param inside only numbers in objects that are values of these fields are kept; absent: all are
 */
export function withKeptNumbers(json: string, inside?: KeptIn): string {
  if (inside !== undefined && !mayKeepNumbers(json, inside)) return json;
  let kept = "";
  let from = 0;
  let depth = 0;
  /** The depth around the object whose numbers are kept; -1 outside of one. */
  let keptDepth = inside === undefined ? 0 : -1;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      const close = closingQuote(json, at + 1);
      if (close === -1) return json;
      if (keptDepth === -1 && close - at <= LONGEST_NAME && inside?.names.has(json.slice(at + 1, close)))
        keptDepth = isObjectAfter(json, close + 1) ? depth : -1;
      at = close;
    } else if ((code | 0x20) === 0x7b) depth += 1;
    else if ((code | 0x20) === 0x7d) {
      depth -= 1;
      if (inside !== undefined && depth === keptDepth) keptDepth = -1;
    } else if (keptDepth !== -1 && (code === MINUS || isDigit(code))) {
      NUMBER.lastIndex = at;
      const [number = ""] = NUMBER.exec(json) ?? [];
      const end = at + number.length;
      if (number !== String(Number(number)) && isEndOfValue(json, end)) {
        kept += `${json.slice(from, at)}"${SIGN}${number}"`;
        from = end;
      }
      at = Math.max(at, end - 1);
    }
  }
  return from === 0 ? json : kept + json.slice(from);
}

function isObjectAfter(json: string, afterName: number): boolean {
  const colon = skipSpace(json, afterName);
  return json[colon] === ":" && json[skipSpace(json, colon + 1)] === "{";
}

/** A number is no name of a field, which a string would be. */
function isEndOfValue(json: string, end: number): boolean {
  const next = json[skipSpace(json, end)];
  return next === undefined || next === "," || next === "]" || next === "}";
}

/** Also within a text that is JSON itself. */
const KEPT = new RegExp(String.raw`(\\?)"${SIGN}(-?[\d.eE+-]+)\1"`, "g");

/** The JSON text with the numbers that were kept. */
export const restoredNumbers = (json: string): string =>
  json.includes(SIGN) ? json.replace(KEPT, "$2") : json;
