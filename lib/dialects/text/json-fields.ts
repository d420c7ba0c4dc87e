import { closingQuote } from "#lib/http/closing-quote";
import { isSpace, skipSpace } from "./json-scan";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a field of an object is in the text: its quoted name begins at `name`, its value is from `start` to `end`. */
export type FieldSpan = { name: number; start: number; end: number };

/** A part of the text to leave out. */
export type Cut = { start: number; end: number };

/** A field that occurs twice: readers disagree on which one counts. */
export class DuplicateField extends Error {
  override name = "DuplicateField";
  readonly field: string;
  constructor(field: string) {
    super(`The field "${field.slice(0, 100)}" is given more than once.`);
    this.field = field.slice(0, 100);
  }
}

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Finds the top-level fields of a JSON object's text. The text must be known to be valid JSON (parsed
 * before), so only a repeated field is an error.
 * @throws DuplicateField
 */
export function topLevelFields(json: string): Map<string, FieldSpan> {
  const fields = new Map<string, FieldSpan>();
  let at = skipSpace(json, 0) + 1;
  for (;;) {
    at = skipSpace(json, at);
    if (json.charCodeAt(at) !== QUOTE) return fields;
    const { name, start } = fieldAt(json, at);
    const end = valueEnd(json, start);
    if (fields.has(name)) throw new DuplicateField(name);
    fields.set(name, { name: at, start, end });
    at = skipSpace(json, end) + 1;
  }
}

/** The name of the field whose quoted name begins at `from`, and where its value begins. */
export function fieldAt(json: string, from: number): { name: string; start: number } {
  const nameEnd = stringEnd(json, from);
  return {
    name: nameIn(json.slice(from, nameEnd)),
    start: skipSpace(json, skipSpace(json, nameEnd) + 1),
  };
}

/** What to leave out of a body. */
export type Removal = {
  /** In any order, without overlaps (`cutsOf`). */
  cuts: readonly Cut[];
  /** How many top-level fields they leave out. */
  topLevel: number;
};

const NOTHING: Removal = { cuts: [], topLevel: 0 };

/**
 * Sets top-level fields in a JSON object's text, removes others, and leaves every other byte unchanged: unknown
 * fields, large integers and number spellings survive.
 * @param values the new values as JSON text; a removed field that gets a value is added
 */
export function setFields(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  values: Readonly<Record<string, string>>,
  { cuts, topLevel }: Removal = NOTHING,
): string {
  const open = json.indexOf("{") + 1;
  const splices: { start: number; end: number; value: string }[] = [];
  const added: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const span = fields.get(name);
    if (span === undefined || cuts.some(({ start, end }) => start <= span.start && span.end <= end)) {
      added.push(`${JSON.stringify(name)}:${value}`);
    } else splices.push({ start: span.start, end: span.end, value });
  }
  for (const { start, end } of cuts) splices.push({ start, end, value: "" });
  splices.sort((a, b) => a.start - b.start);
  let text = json.slice(0, open) + added.join(",");
  if (added.length > 0 && fields.size > topLevel) text += ",";
  let from = open;
  for (const { start, end, value } of splices) {
    text += json.slice(from, start) + value;
    from = end;
  }
  return text + json.slice(from);
}

/**
 * What to cut so that some fields of an object are gone, each with one comma.
 * @param spans all fields of the object, in order
 */
export function cutsOf(spans: readonly FieldSpan[], removed: ReadonlySet<FieldSpan>): Cut[] {
  const cuts: Cut[] = [];
  let hasKept = false;
  let previousEnd = 0;
  for (const [at, span] of spans.entries()) {
    if (!removed.has(span)) hasKept = true;
    else if (hasKept) cuts.push({ start: previousEnd, end: span.end });
    else cuts.push({ start: span.name, end: spans[at + 1]?.name ?? span.end });
    previousEnd = span.end;
  }
  return cuts;
}

/** Names rarely have an escape; the others need no parser. */
function nameIn(quoted: string): string {
  return quoted.includes("\\") ? JSON.parse(quoted) : quoted.slice(1, -1);
}

/** The position after the string that begins at `from`. */
function stringEnd(json: string, from: number): number {
  const close = closingQuote(json, from + 1);
  return close === -1 ? json.length : close + 1;
}

/** The position after the value that begins at `from`. Brackets in strings do not count. */
export function valueEnd(json: string, from: number): number {
  const first = json[from];
  if (first === '"') return stringEnd(json, from);
  if (first !== "{" && first !== "[") {
    let at = from;
    while (at < json.length && !",}]".includes(json.charAt(at)) && !isSpace(json.charCodeAt(at))) at += 1;
    return at;
  }
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(json, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return json.length;
}
