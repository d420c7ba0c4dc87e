import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** Why a strict fake rejects a request. */
export class Fault extends Error {}

/** What a check says is wrong; null for nothing. */
export function faultIn(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Fields that an API does not know are an error there. */
export function onlyFields(value: JsonObject, known: readonly string[], at: string): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Fault(`Unknown name "${unknown}" at '${at}': Cannot find field.`);
}

export function object(value: unknown, at: string): JsonObject {
  if (!isObject(value)) throw new Fault(`Invalid value at '${at}': expected an object.`);
  return value;
}

/** OpenAI refuses a function's schema that is not of an object, or does not name its properties. */
export function checkParameters(value: unknown, at: string): void {
  const { type, properties } = object(value, at);
  if (type !== "object") throw new Fault(`Invalid schema at '${at}': got 'type: "${String(type)}"'.`);
  if (!isObject(properties)) throw new Fault(`Invalid schema at '${at}': object schema missing properties.`);
}

export function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Fault(`Invalid value at '${at}': expected a list.`);
  return value;
}

/** The objects of a list. */
export const objects = (value: unknown, at: string): readonly JsonObject[] =>
  list(value, at).map((item) => object(item, at));
