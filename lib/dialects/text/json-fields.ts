import { closingQuote, isSpace, skipSpace } from "./json-scan";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where the value of a top-level field is in the text, without the white space around it. */
export type FieldSpan = { start: number; end: number };

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
    const nameEnd = stringEnd(json, at);
    const name = nameIn(json.slice(at, nameEnd));
    at = skipSpace(json, nameEnd) + 1;
    const start = skipSpace(json, at);
    const end = valueEnd(json, start);
    if (fields.has(name)) throw new DuplicateField(name);
    fields.set(name, { start, end });
    at = skipSpace(json, end) + 1;
  }
}

/**
 * Sets top-level fields in a JSON object's text and leaves every other byte unchanged: unknown fields, large
 * integers and number spellings survive.
 * @param values the new values as JSON text
 */
export function setFields(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  values: Readonly<Record<string, string>>,
): string {
  const open = json.indexOf("{") + 1;
  const added = Object.entries(values)
    .filter(([name]) => !fields.has(name))
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const lead = added.join(",") + (added.length > 0 && fields.size > 0 ? "," : "");
  const changed = Object.entries(values)
    .flatMap(([name, value]) => {
      const span = fields.get(name);
      return span ? [{ ...span, value }] : [];
    })
    .toSorted((a, b) => a.start - b.start);
  let text = json.slice(0, open) + lead;
  let from = open;
  for (const { start, end, value } of changed) {
    text += json.slice(from, start) + value;
    from = end;
  }
  return text + json.slice(from);
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
function valueEnd(json: string, from: number): number {
  const first = json[from];
  if (first === '"') return stringEnd(json, from);
  if (first !== "{" && first !== "[") {
    let at = from;
    while (at < json.length && !",}".includes(json.charAt(at)) && !isSpace(json.charCodeAt(at))) at += 1;
    return at;
  }
  let depth = 0;
  const marks = /["[\]{}]/g;
  marks.lastIndex = from;
  for (let mark = marks.exec(json); mark; mark = marks.exec(json)) {
    if (mark[0] === '"') marks.lastIndex = stringEnd(json, mark.index);
    else depth += mark[0] === "{" || mark[0] === "[" ? 1 : -1;
    if (depth === 0) return mark.index + 1;
  }
  return json.length;
}
