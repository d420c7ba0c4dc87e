import { type JsonLimits, rejectCostlyJson as rejectBeyond } from "#lib/http/json-cost";
import { HARMLESS_CHARACTERS, MOST_EVENT_JSON, rejectCostlyJson } from "./json-cost";
import { type FieldSpan, isObject, type JsonObject } from "./json-fields";
import { type KeptIn, mayKeepNumbers, withKeptNumbers } from "./kept-numbers";

/**
 * Parses a small text of JSON, such as an event; undefined for what is none, or has too much structure.
 * @param keptIn where numbers are kept as they are spelled (kept-numbers.ts); absent: nowhere
 */
export function parsedValue(text: string, keptIn?: KeptIn): unknown {
  try {
    rejectCostlyJson(text);
    return JSON.parse(keptIn === undefined ? text : withKeptNumbers(text, keptIn));
  } catch {
    return undefined;
  }
}

/** Parses a provider's event; undefined as `parsedValue`. */
export const parsedEvent = (text: string): unknown =>
  text.length > HARMLESS_CHARACTERS ? parsedAnswer(text, MOST_EVENT_JSON) : parsedValue(text);

/** Parses a provider's whole answer, which may have more structure than what clients send. */
export function parsedAnswer(text: string, most: JsonLimits): unknown {
  try {
    rejectBeyond(text, most);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses a small text that must be an object; null for anything else. */
export function parsedObject(text: string): JsonObject | null {
  const value = parsedValue(text);
  return isObject(value) ? value : null;
}

/** A body that was parsed before, with numbers kept as they are spelled in some fields. */
export function parsedBefore(json: string, keptIn?: KeptIn): JsonObject {
  const body: unknown = JSON.parse(keptIn === undefined ? json : withKeptNumbers(json, keptIn));
  return isObject(body) ? body : {};
}

const PARSED = Symbol("the parsed body");

/** A body's fields, with what it was parsed into. */
type KnownFields = ReadonlyMap<string, FieldSpan> & { [PARSED]?: { json: string; body: JsonObject } };

/** Longer bodies are parsed again where they are needed: an object takes several times the memory of its text. */
const MOST_KEPT_CHARACTERS = 16_384;

/** Keeps the object that a small body was parsed into with its fields, for `bodyOf`. Nothing may change it. */
export function keepBody(json: string, fields: KnownFields, body: JsonObject): void {
  if (json.length <= MOST_KEPT_CHARACTERS) fields[PARSED] = { json, body };
}

/** What a small body was parsed into; null for others, and for one that was changed since. Numbers may have lost digits. */
export function keptBody({ json, fields }: { json: string; fields: KnownFields }): JsonObject | null {
  const known = fields[PARSED];
  return known?.json === json ? known.body : null;
}

/** The same as parsedBefore, from what was kept where that is the same. */
export function bodyOf({ json, fields }: { json: string; fields: KnownFields }, keptIn: KeptIn): JsonObject {
  const known = fields[PARSED];
  return known?.json === json && !mayKeepNumbers(json, keptIn) ? known.body : parsedBefore(json, keptIn);
}
