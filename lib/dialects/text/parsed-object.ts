import { type JsonLimits, rejectCostlyJson as rejectBeyond } from "#lib/http/json-cost";
import { rejectCostlyJson } from "./json-cost";
import { isObject, type JsonObject } from "./json-fields";

/** Parses a small text of JSON, such as an event; undefined for what is none, or has too much structure. */
export function parsedValue(text: string): unknown {
  try {
    rejectCostlyJson(text);
    return JSON.parse(text);
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

/** A body that was parsed before. */
export function parsedBefore(json: string): JsonObject {
  const body: unknown = JSON.parse(json);
  return isObject(body) ? body : {};
}
