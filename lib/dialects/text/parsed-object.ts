import { type JsonLimits, rejectCostlyJson as rejectBeyond } from "#lib/http/json-cost";
import { rejectCostlyJson } from "./json-cost";
import { isObject, type JsonObject } from "./json-fields";
import { type KeptIn, withKeptNumbers } from "./kept-numbers";

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
