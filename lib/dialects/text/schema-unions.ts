import { isObject, type JsonObject } from "./json-fields";

/** What a template writes for each of several types of a schema, besides the types (GigaChat). */
const WRITTEN_PER_TYPE = new Set([
  "enum",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "prefixItems",
]);
/**
 * Bytes that a schema grows by when each type in a list of types (`"type": ["object", "array"]`) is written with what
 * belongs to it. Lists within lists multiply, to infinity.
 */
export function growthByUnions(schema: unknown): number {
  let once = 0;

  function writtenBytes(value: unknown): number {
    if (!isObject(value) && !Array.isArray(value)) {
      const bytes = typeof value === "string" ? Buffer.byteLength(value) : 4;
      once += bytes;
      return bytes;
    }
    once += 2;
    let bytes = 2;
    if (Array.isArray(value)) {
      for (const element of value) bytes += writtenBytes(element);
      return bytes;
    }
    const times = typesOf(value);
    for (const name of Object.keys(value)) {
      once += name.length + 4;
      const written = name.length + 4 + writtenBytes(value[name]);
      bytes += WRITTEN_PER_TYPE.has(name) ? written * times : written;
    }
    return bytes;
  }

  return writtenBytes(schema) - once;
}

/** A nullable type is written once. */
function typesOf({ type }: JsonObject): number {
  return Array.isArray(type) ? Math.max(1, type.filter((each) => each !== "null").length) : 1;
}
